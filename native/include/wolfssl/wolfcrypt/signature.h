// Signatures of any kind: types and numbers only, so that a file with such a call compiles, and the link says which call that is.
#ifndef WOLFSSL_WOLFCRYPT_SIGNATURE_H
#define WOLFSSL_WOLFCRYPT_SIGNATURE_H

#include <wolfssl/wolfcrypt/asn.h>
#include <wolfssl/wolfcrypt/ecc.h>
#include <wolfssl/wolfcrypt/rsa.h>

#ifdef __cplusplus
extern "C" {
#endif

enum wc_SignatureType
{
    WC_SIGNATURE_TYPE_NONE = 0,
    WC_SIGNATURE_TYPE_ECC = 1,
    WC_SIGNATURE_TYPE_RSA = 2,
    WC_SIGNATURE_TYPE_RSA_W_ENC = 3
};

#ifdef __cplusplus
}
#endif

#endif
