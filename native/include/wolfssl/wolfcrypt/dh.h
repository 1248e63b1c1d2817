// Diffie-Hellman: types and numbers only, so that a file with such a call compiles, and the link says which call that is.
#ifndef WOLFSSL_WOLFCRYPT_DH_H
#define WOLFSSL_WOLFCRYPT_DH_H

#include <wolfssl/wolfcrypt/random.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct DhKey
{
    word64 state[1];
} DhKey;

#ifdef __cplusplus
}
#endif

#endif
