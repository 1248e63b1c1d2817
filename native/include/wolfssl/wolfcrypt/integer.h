// Large numbers: types and numbers only, so that a file with such a call compiles, and the link says which call that is.
#ifndef WOLFSSL_WOLFCRYPT_INTEGER_H
#define WOLFSSL_WOLFCRYPT_INTEGER_H

#include <wolfssl/wolfcrypt/types.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct mp_int
{
    word64 state[1];
} mp_int;

#ifdef __cplusplus
}
#endif

#endif
