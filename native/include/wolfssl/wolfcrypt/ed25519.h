// Ed25519: types and numbers only, so that a file with such a call compiles, and the link says which call that is.
#ifndef WOLFSSL_WOLFCRYPT_ED25519_H
#define WOLFSSL_WOLFCRYPT_ED25519_H

#include <wolfssl/wolfcrypt/random.h>

#ifdef __cplusplus
extern "C" {
#endif

#define ED25519_KEY_SIZE 32
#define ED25519_PUB_KEY_SIZE 32
#define ED25519_SIG_SIZE 64

typedef struct ed25519_key
{
    word64 state[1];
} ed25519_key;

#ifdef __cplusplus
}
#endif

#endif
