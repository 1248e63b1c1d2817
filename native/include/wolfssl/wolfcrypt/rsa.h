// RSA: types and numbers only, so that a file with such a call compiles, and the link says which call that is.
#ifndef WOLFSSL_WOLFCRYPT_RSA_H
#define WOLFSSL_WOLFCRYPT_RSA_H

#include <wolfssl/wolfcrypt/random.h>

#ifdef __cplusplus
extern "C" {
#endif

enum
{
    RSA_PUBLIC = 0,
    RSA_PRIVATE = 1,
    RSA_MIN_SIZE = 512,
    RSA_MAX_SIZE = 4096
};
#define WC_RSA_EXPONENT 65537L
#define WC_RSA_PKCSV15_PAD 0
#define WC_RSA_OAEP_PAD 1
#define WC_RSA_PSS_PAD 2
#define WC_RSA_NO_PAD 3
#define WC_MGF1NONE 0
#define WC_MGF1SHA1 26
#define WC_MGF1SHA224 4
#define WC_MGF1SHA256 1
#define WC_MGF1SHA384 2
#define WC_MGF1SHA512 3

typedef struct RsaKey
{
    word64 state[1];
} RsaKey;

#ifdef __cplusplus
}
#endif

#endif
