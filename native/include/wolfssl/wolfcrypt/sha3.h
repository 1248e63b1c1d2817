// SHA-3: types and numbers only, so that a file with such a call compiles, and the link says which call that is.
#ifndef WOLFSSL_WOLFCRYPT_SHA3_H
#define WOLFSSL_WOLFCRYPT_SHA3_H

#include <wolfssl/wolfcrypt/types.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct wc_Sha3
{
    word64 state[1];
} wc_Sha3;

#ifdef __cplusplus
}
#endif

#endif
