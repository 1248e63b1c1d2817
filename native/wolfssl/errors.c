// What error numbers mean.
#include <stdio.h>
#include <string.h>

#include <wolfssl/error-ssl.h>
#include <wolfssl/ssl.h>

static const struct
{
    int error;
    const char* text;
} texts[] = {
    {MEMORY_E, "there is no memory"},
    {BUFFER_E, "the buffer is too small, or the input too large"},
    {ASN_PARSE_E, "a certificate or key can't be read"},
    {ASN_BEFORE_DATE_E, "the certificate is not valid yet"},
    {ASN_AFTER_DATE_E, "the certificate has expired"},
    {ASN_INPUT_E, "the input is not well formed"},
    {ASN_SIG_CONFIRM_E, "the certificate's signature is wrong"},
    {ASN_NO_PEM_HEADER, "there is no PEM in it"},
    {BAD_FUNC_ARG, "an argument is wrong"},
    {NOT_COMPILED_IN, "this is not there"},
    {AES_GCM_AUTH_E, "AES-GCM: the tag does not fit"},
    {ASN_NO_SIGNER_E, "the certificate's issuer is not trusted"},
    {RNG_FAILURE_E, "there are no random numbers"},
    {LENGTH_ONLY_E, "only the length was asked for"},
    {MAC_CMP_FAILED_E, "the tag does not fit"},
    {HASH_TYPE_E, "there is no such hash"},
    {MEMORY_ERROR, "there is no memory"},
    {VERIFY_MAC_ERROR, "what came was changed on its way"},
    {PARSE_ERROR, "what came can't be understood"},
    {SOCKET_ERROR_E, "the socket has failed"},
    {SOCKET_NODATA, "there are no data"},
    {UNKNOWN_RECORD_TYPE, "what came is no TLS"},
    {FATAL_ERROR, "the peer has sent a fatal alert"},
    {NO_PEER_KEY, "the peer's key is missing"},
    {NO_PRIVATE_KEY, "the private key is missing"},
    {DOMAIN_NAME_MISMATCH, "the certificate is for another host"},
    {WANT_READ, "it has to wait until there is more to read"},
    {VERSION_ERROR, "the peer has another version of TLS"},
    {WANT_WRITE, "it has to wait until it can write"},
    {ZERO_RETURN, "the peer has ended the session"},
    {NO_PEER_CERT, "the peer has sent no certificate"},
    {SOCKET_PEER_CLOSED_E, "the peer has closed the connection"},
    // what wolfSSL_get_error returns
    {-WOLFSSL_ERROR_WANT_READ, "it has to wait until there is more to read"},
    {-WOLFSSL_ERROR_WANT_WRITE, "it has to wait until it can write"},
    {-WOLFSSL_ERROR_ZERO_RETURN, "the peer has ended the session"},
};

const char* wc_GetErrorString(int error)
{
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
    {
        if (texts[i].error == error)
        {
            return texts[i].text;
        }
    }
    return error == 0 ? "no error" : "unknown error number";
}

void wc_ErrorString(int error, char* buffer)
{
    if (buffer != NULL)
    {
        (void)snprintf(buffer, WOLFSSL_MAX_ERROR_SZ, "%s", wc_GetErrorString(error));
    }
}

// Apps give the number as it is, or without its sign.
const char* wolfSSL_ERR_reason_error_string(unsigned long error)
{
    int number = (int)error;
    return wc_GetErrorString(number > 0 ? -number : number);
}

void wolfSSL_ERR_error_string_n(unsigned long error, char* buffer, unsigned long size)
{
    if (buffer != NULL && size > 0)
    {
        (void)snprintf(buffer, size, "%s", wolfSSL_ERR_reason_error_string(error));
    }
}

char* wolfSSL_ERR_error_string(unsigned long error, char* buffer)
{
    static char own[WOLFSSL_MAX_ERROR_SZ];
    char* text = buffer == NULL ? own : buffer;
    wolfSSL_ERR_error_string_n(error, text, WOLFSSL_MAX_ERROR_SZ);
    return text;
}
