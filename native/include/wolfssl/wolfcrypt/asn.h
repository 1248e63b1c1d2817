// ASN.1: types and numbers only, so that a file with such a call compiles, and the link says which call that is.
#ifndef WOLFSSL_WOLFCRYPT_ASN_H
#define WOLFSSL_WOLFCRYPT_ASN_H

#include <wolfssl/wolfcrypt/asn_public.h>
#include <wolfssl/wolfcrypt/hash.h>

#ifdef __cplusplus
extern "C" {
#endif

enum
{
    NO_VERIFY = 0,
    VERIFY = 1
};

typedef struct DecodedCert
{
    word64 state[1];
} DecodedCert;
typedef struct Signer
{
    word64 state[1];
} Signer;

#ifdef __cplusplus
}
#endif

#endif
