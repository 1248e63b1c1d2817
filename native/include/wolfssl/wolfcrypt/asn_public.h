// Certificates and keys in files: types and numbers only, so that a file with such a call compiles, and the link says which call that is.
#ifndef WOLFSSL_WOLFCRYPT_ASN_PUBLIC_H
#define WOLFSSL_WOLFCRYPT_ASN_PUBLIC_H

#include <wolfssl/wolfcrypt/types.h>

#ifdef __cplusplus
extern "C" {
#endif

enum CertType
{
    CERT_TYPE = 0,
    PRIVATEKEY_TYPE,
    DH_PARAM_TYPE,
    DSA_PARAM_TYPE,
    CRL_TYPE,
    CA_TYPE,
    ECC_PRIVATEKEY_TYPE,
    DSA_PRIVATEKEY_TYPE,
    CERTREQ_TYPE,
    DSA_TYPE,
    ECC_TYPE,
    RSA_TYPE,
    PUBLICKEY_TYPE,
    RSA_PUBLICKEY_TYPE,
    ECC_PUBLICKEY_TYPE,
    TRUSTED_PEER_TYPE
};

enum
{
    CTC_SHAwRSA = 649,
    CTC_SHA256wRSA = 655,
    CTC_SHA384wRSA = 656,
    CTC_SHA512wRSA = 657,
    CTC_SHAwECDSA = 520,
    CTC_SHA256wECDSA = 524,
    CTC_SHA384wECDSA = 525,
    CTC_SHA512wECDSA = 526
};

typedef struct Cert
{
    word64 state[1];
} Cert;
typedef struct DerBuffer
{
    word64 state[1];
} DerBuffer;

#ifdef __cplusplus
}
#endif

#endif
