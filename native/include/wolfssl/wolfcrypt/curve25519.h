// Curve25519: types and numbers only, so that a file with such a call compiles, and the link says which call that is.
#ifndef WOLFSSL_WOLFCRYPT_CURVE25519_H
#define WOLFSSL_WOLFCRYPT_CURVE25519_H

#include <wolfssl/wolfcrypt/random.h>

#ifdef __cplusplus
extern "C" {
#endif

#define CURVE25519_KEYSIZE 32

typedef struct curve25519_key
{
    word64 state[1];
} curve25519_key;

#ifdef __cplusplus
}
#endif

#endif
