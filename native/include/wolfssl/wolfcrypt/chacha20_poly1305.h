// Authenticated encryption with ChaCha20 and Poly1305 (RFC 8439).
#ifndef WOLFSSL_WOLFCRYPT_CHACHA20_POLY1305_H
#define WOLFSSL_WOLFCRYPT_CHACHA20_POLY1305_H

#include <wolfssl/wolfcrypt/types.h>

#ifdef __cplusplus
extern "C" {
#endif

// Macros, so that the preprocessor and _Static_assert know them.
#define CHACHA20_POLY1305_AEAD_KEYSIZE 32
#define CHACHA20_POLY1305_AEAD_IV_SIZE 12
#define CHACHA20_POLY1305_AEAD_AUTHTAG_SIZE 16

// `data` is authenticated, and not encrypted. 0, or BAD_FUNC_ARG.
int wc_ChaCha20Poly1305_Encrypt(const byte key[CHACHA20_POLY1305_AEAD_KEYSIZE], const byte iv[CHACHA20_POLY1305_AEAD_IV_SIZE],
                                const byte* data, word32 data_size, const byte* in, word32 size, byte* out,
                                byte tag[CHACHA20_POLY1305_AEAD_AUTHTAG_SIZE]);
// The same, and MAC_CMP_FAILED_E where the tag does not fit; then nothing is written.
int wc_ChaCha20Poly1305_Decrypt(const byte key[CHACHA20_POLY1305_AEAD_KEYSIZE], const byte iv[CHACHA20_POLY1305_AEAD_IV_SIZE],
                                const byte* data, word32 data_size, const byte* in, word32 size,
                                const byte tag[CHACHA20_POLY1305_AEAD_AUTHTAG_SIZE], byte* out);

#ifdef __cplusplus
}
#endif

#endif
