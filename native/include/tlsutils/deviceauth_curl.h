// The device's own certificate for libcurl's TLS connections: include curl/curl.h before it.
#ifndef TLSUTILS_DEVICEAUTH_CURL_H
#define TLSUTILS_DEVICEAUTH_CURL_H

#include <curl/curl.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum DeviceAuthSslResult
{
    DeviceAuthSslResult_Success = 0,
    DeviceAuthSslResult_GetTenantIdError = 1,          // the manifest has no DeviceAuthentication
    DeviceAuthSslResult_GetTenantCertificateError = 2, // there is no DAA certificate (yet)
    DeviceAuthSslResult_EnableHwSignError = 3
} DeviceAuthSslResult;

// Makes a connection use the DAA certificate, from within an application's own function for CURLOPT_SSL_CTX_FUNCTION, whose second
// argument `sslctx` is.
DeviceAuthSslResult DeviceAuth_SslCtxFunc(void* sslctx);

// Such a function that does nothing else: CURLE_OK, or CURLE_SSL_CERTPROBLEM.
static inline CURLcode DeviceAuth_CurlSslFunc(CURL* curl, void* sslctx, void* userCtx)
{
    (void)curl;
    (void)userCtx;
    return DeviceAuth_SslCtxFunc(sslctx) == DeviceAuthSslResult_Success ? CURLE_OK : CURLE_SSL_CERTPROBLEM;
}

#ifdef __cplusplus
}
#endif

#endif
