// Poly1305 without ChaCha20: types and numbers only, so that a file with such a call compiles, and the link says which call that is.
#ifndef WOLFSSL_WOLFCRYPT_POLY1305_H
#define WOLFSSL_WOLFCRYPT_POLY1305_H

#include <wolfssl/wolfcrypt/types.h>

#ifdef __cplusplus
extern "C" {
#endif

#define POLY1305_DIGEST_SIZE 16

typedef struct Poly1305
{
    word64 state[1];
} Poly1305;

#ifdef __cplusplus
}
#endif

#endif
