// ChaCha20 without Poly1305: types and numbers only, so that a file with such a call compiles, and the link says which call that is.
#ifndef WOLFSSL_WOLFCRYPT_CHACHA_H
#define WOLFSSL_WOLFCRYPT_CHACHA_H

#include <wolfssl/wolfcrypt/types.h>

#ifdef __cplusplus
extern "C" {
#endif

#define CHACHA_IV_BYTES 12
#define CHACHA_MAX_KEY_SZ 32

typedef struct ChaCha
{
    word64 state[1];
} ChaCha;

#ifdef __cplusplus
}
#endif

#endif
