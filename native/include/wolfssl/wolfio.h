// Input and output by an app's own functions.
#ifndef WOLFSSL_WOLFIO_H
#define WOLFSSL_WOLFIO_H

#include <wolfssl/ssl.h>

#ifdef __cplusplus
extern "C" {
#endif

enum
{
    WOLFSSL_CBIO_ERR_GENERAL = -1,
    WOLFSSL_CBIO_ERR_WANT_READ = -2,
    WOLFSSL_CBIO_ERR_WANT_WRITE = -2,
    WOLFSSL_CBIO_ERR_CONN_RST = -3,
    WOLFSSL_CBIO_ERR_ISR = -4,
    WOLFSSL_CBIO_ERR_CONN_CLOSE = -5,
    WOLFSSL_CBIO_ERR_TIMEOUT = -6
};

// Receives into `buffer`, or sends: the count of bytes, or WOLFSSL_CBIO_ERR_….
typedef int (*CallbackIORecv)(WOLFSSL* ssl, char* buffer, int size, void* context);
typedef int (*CallbackIOSend)(WOLFSSL* ssl, char* buffer, int size, void* context);

// For the sessions that are made of this context from now on. Default: the descriptor of wolfSSL_set_fd.
void wolfSSL_CTX_SetIORecv(WOLFSSL_CTX* ctx, CallbackIORecv receive);
void wolfSSL_CTX_SetIOSend(WOLFSSL_CTX* ctx, CallbackIOSend send);
// The same; their older names.
void wolfSSL_SetIORecv(WOLFSSL_CTX* ctx, CallbackIORecv receive);
void wolfSSL_SetIOSend(WOLFSSL_CTX* ctx, CallbackIOSend send);
// For one session.
void wolfSSL_SSLSetIORecv(WOLFSSL* ssl, CallbackIORecv receive);
void wolfSSL_SSLSetIOSend(WOLFSSL* ssl, CallbackIOSend send);
// What the functions get as their `context`.
void wolfSSL_SetIOReadCtx(WOLFSSL* ssl, void* context);
void wolfSSL_SetIOWriteCtx(WOLFSSL* ssl, void* context);
void* wolfSSL_GetIOReadCtx(WOLFSSL* ssl);
void* wolfSSL_GetIOWriteCtx(WOLFSSL* ssl);

#ifdef __cplusplus
}
#endif

#endif
