// Elliptic curves: types and numbers only, so that a file with such a call compiles, and the link says which call that is.
#ifndef WOLFSSL_WOLFCRYPT_ECC_H
#define WOLFSSL_WOLFCRYPT_ECC_H

#include <wolfssl/wolfcrypt/random.h>

#ifdef __cplusplus
extern "C" {
#endif

enum
{
    ECC_PUBLICKEY = 1,
    ECC_PRIVATEKEY = 2,
    ECC_MAX_SIG_SIZE = 139
};
#define ECC_MAXSIZE 66
#define MAX_ECC_BYTES 66
#define ECC_BUFSIZE 256

typedef enum ecc_curve_id
{
    ECC_CURVE_INVALID = -1,
    ECC_CURVE_DEF = 0,
    ECC_SECP192R1 = 1,
    ECC_SECP224R1 = 5,
    ECC_SECP256R1 = 7,
    ECC_SECP384R1 = 15,
    ECC_SECP521R1 = 16,
    ECC_SECP256K1 = 22
} ecc_curve_id;

typedef struct ecc_key
{
    word64 state[1];
} ecc_key;
typedef struct ecc_point
{
    word64 state[1];
} ecc_point;

#ifdef __cplusplus
}
#endif

#endif
