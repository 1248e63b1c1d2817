// Triple DES: types and numbers only, so that a file with such a call compiles, and the link says which call that is.
#ifndef WOLFSSL_WOLFCRYPT_DES3_H
#define WOLFSSL_WOLFCRYPT_DES3_H

#include <wolfssl/wolfcrypt/types.h>

#ifdef __cplusplus
extern "C" {
#endif

enum
{
    DES_ENCRYPTION = 0,
    DES_DECRYPTION = 1,
    DES_BLOCK_SIZE = 8,
    DES3_KEY_SIZE = 24
};

typedef struct Des3
{
    word64 state[1];
} Des3;
typedef Des3 Des;

#ifdef __cplusplus
}
#endif

#endif
