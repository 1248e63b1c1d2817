// CMAC: types and numbers only, so that a file with such a call compiles, and the link says which call that is.
#ifndef WOLFSSL_WOLFCRYPT_CMAC_H
#define WOLFSSL_WOLFCRYPT_CMAC_H

#include <wolfssl/wolfcrypt/types.h>

#ifdef __cplusplus
extern "C" {
#endif

enum
{
    WC_CMAC = 1
};

typedef struct Cmac
{
    word64 state[1];
} Cmac;

#ifdef __cplusplus
}
#endif

#endif
