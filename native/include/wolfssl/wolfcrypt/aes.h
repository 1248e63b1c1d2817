// AES: CBC, CTR and GCM.
#ifndef WOLFSSL_WOLFCRYPT_AES_H
#define WOLFSSL_WOLFCRYPT_AES_H

#include <wolfssl/wolfcrypt/types.h>

#ifdef __cplusplus
extern "C" {
#endif

enum
{
    AES_ENCRYPTION = 0,
    AES_DECRYPTION = 1,
    AES_BLOCK_SIZE = 16,
    AES_IV_SIZE = 16,
    AES_128_KEY_SIZE = 16,
    AES_192_KEY_SIZE = 24,
    AES_256_KEY_SIZE = 32,
    WC_AES_BLOCK_SIZE = 16
};

// The state may be copied, and need not be freed.
typedef struct Aes
{
    word32 key_size;
    word32 counted; // bytes of the counter's block that are used up
    byte key[AES_256_KEY_SIZE];
    byte iv[AES_BLOCK_SIZE];
} Aes;

// 0, or BAD_FUNC_ARG: a key of another size than 16, 24 or 32 bytes, a size that is no multiple of 16.
int wc_AesInit(Aes* aes, void* heap, int device);
void wc_AesFree(Aes* aes);
// `iv` of 16 bytes; NULL: zeros. `direction`: AES_…CRYPTION; each call below says its own.
int wc_AesSetKey(Aes* aes, const byte* key, word32 size, const byte* iv, int direction);
int wc_AesSetKeyDirect(Aes* aes, const byte* key, word32 size, const byte* iv, int direction);
int wc_AesSetIV(Aes* aes, const byte* iv);
int wc_AesCbcEncrypt(Aes* aes, byte* out, const byte* in, word32 size);
int wc_AesCbcDecrypt(Aes* aes, byte* out, const byte* in, word32 size);
// Encrypts and decrypts, any size.
int wc_AesCtrEncrypt(Aes* aes, byte* out, const byte* in, word32 size);

int wc_AesGcmSetKey(Aes* aes, const byte* key, word32 size);
int wc_AesGcmEncrypt(Aes* aes, byte* out, const byte* in, word32 size, const byte* iv, word32 iv_size, byte* tag,
                     word32 tag_size, const byte* data, word32 data_size);
// AES_GCM_AUTH_E where the tag does not fit; then nothing is written.
int wc_AesGcmDecrypt(Aes* aes, byte* out, const byte* in, word32 size, const byte* iv, word32 iv_size, const byte* tag,
                     word32 tag_size, const byte* data, word32 data_size);

#ifdef __cplusplus
}
#endif

#endif
