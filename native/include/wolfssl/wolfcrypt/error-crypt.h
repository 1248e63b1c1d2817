// The error numbers of wolfCrypt: all that sphere-iot returns, and those that apps compare with.
#ifndef WOLFSSL_WOLFCRYPT_ERROR_CRYPT_H
#define WOLFSSL_WOLFCRYPT_ERROR_CRYPT_H

#include <wolfssl/wolfcrypt/types.h>

#ifdef __cplusplus
extern "C" {
#endif

enum
{
    MEMORY_E = -125,
    BUFFER_E = -132,
    ASN_PARSE_E = -140,
    ASN_BEFORE_DATE_E = -150,
    ASN_AFTER_DATE_E = -151,
    ASN_INPUT_E = -154,
    ASN_SIG_CONFIRM_E = -155,
    ASN_NO_PEM_HEADER = -162,
    BAD_FUNC_ARG = -173,
    NOT_COMPILED_IN = -174,
    AES_GCM_AUTH_E = -180,
    ASN_NO_SIGNER_E = -188,
    RNG_FAILURE_E = -199,
    LENGTH_ONLY_E = -202,
    MAC_CMP_FAILED_E = -213,
    HASH_TYPE_E = -232
};

// What an error number of wolfCrypt or wolfSSL means. Never NULL; the text is the library's.
const char* wc_GetErrorString(int error);
// Copies that text: `buffer` has room for 80 bytes.
void wc_ErrorString(int error, char* buffer);

#ifdef __cplusplus
}
#endif

#endif
