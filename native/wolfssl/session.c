// Sessions: their settings.
#include "context.h"
#include "objects.h"
#include "x509.h"

#include <stdlib.h>
#include <string.h>

#include "host.h"

#define MAX_PROTOCOL 255

WOLFSSL* wolfSSL_new(WOLFSSL_CTX* ctx)
{
    WOLFSSL* ssl = ctx == NULL ? NULL : calloc(1, sizeof(*ssl));
    if (ssl == NULL || !settings_copy(&ctx->settings, &ssl->settings))
    {
        free(ssl);
        return NULL;
    }
    ssl->session = -1;
    ssl->read_fd = -1;
    ssl->write_fd = -1;
    ssl->receive_context = &ssl->read_fd;
    ssl->send_context = &ssl->write_fd;
    return ssl;
}

void wolfSSL_free(WOLFSSL* ssl)
{
    if (ssl == NULL)
    {
        return;
    }
    if (ssl->session >= 0)
    {
        host_tls_close(ssl->session);
    }
    if (ssl->peer != NULL)
    {
        ssl->peer->of_session = false;
        wolfSSL_X509_free(ssl->peer);
    }
    settings_free(&ssl->settings);
    free(ssl->host_name);
    free(ssl->protocols);
    free(ssl->protocol);
    free(ssl);
}

int wolfSSL_set_fd(WOLFSSL* ssl, int fd)
{
    if (ssl == NULL)
    {
        return BAD_FUNC_ARG;
    }
    ssl->read_fd = fd;
    ssl->write_fd = fd;
    return WOLFSSL_SUCCESS;
}

int wolfSSL_get_fd(const WOLFSSL* ssl)
{
    return ssl == NULL ? -1 : ssl->read_fd;
}

int wolfSSL_check_domain_name(WOLFSSL* ssl, const char* name)
{
    if (ssl == NULL || name == NULL)
    {
        return WOLFSSL_FAILURE;
    }
    return replace_text(&ssl->host_name, name, strlen(name));
}

int wolfSSL_UseSNI(WOLFSSL* ssl, unsigned char type, const void* name, unsigned short size)
{
    if (ssl == NULL || name == NULL || type != WOLFSSL_SNI_HOST_NAME)
    {
        return BAD_FUNC_ARG;
    }
    return replace_text(&ssl->settings.server_name, name, size);
}

// No name in the list is longer than TLS has room for.
static bool fit(const char* protocols, unsigned int size)
{
    unsigned int length = 0;
    for (unsigned int i = 0; i < size; i++)
    {
        length = protocols[i] == ',' ? 0 : length + 1;
        if (length > MAX_PROTOCOL)
        {
            return false;
        }
    }
    return true;
}

int wolfSSL_UseALPN(WOLFSSL* ssl, char* protocols, unsigned int size, unsigned char options)
{
    if (ssl == NULL || protocols == NULL || !fit(protocols, size) ||
        (options != WOLFSSL_ALPN_CONTINUE_ON_MISMATCH && options != WOLFSSL_ALPN_FAILED_ON_MISMATCH))
    {
        return BAD_FUNC_ARG;
    }
    return replace_text(&ssl->protocols, protocols, size);
}

int wolfSSL_SetDevId(WOLFSSL* ssl, int device)
{
    (void)device; // as wolfSSL_CTX_SetDevId
    return ssl == NULL ? WOLFSSL_FAILURE : WOLFSSL_SUCCESS;
}

void wolfSSL_set_verify(WOLFSSL* ssl, int mode, VerifyCallback verify)
{
    if (ssl != NULL)
    {
        ssl->settings.verify_mode = mode;
        ssl->settings.verify = verify;
    }
}

void wolfSSL_SSLSetIORecv(WOLFSSL* ssl, CallbackIORecv receive)
{
    if (ssl != NULL)
    {
        ssl->settings.receive = receive;
    }
}

void wolfSSL_SSLSetIOSend(WOLFSSL* ssl, CallbackIOSend send)
{
    if (ssl != NULL)
    {
        ssl->settings.send = send;
    }
}

void wolfSSL_SetIOReadCtx(WOLFSSL* ssl, void* context)
{
    if (ssl != NULL)
    {
        ssl->receive_context = context;
    }
}

void wolfSSL_SetIOWriteCtx(WOLFSSL* ssl, void* context)
{
    if (ssl != NULL)
    {
        ssl->send_context = context;
    }
}

void* wolfSSL_GetIOReadCtx(WOLFSSL* ssl)
{
    return ssl == NULL ? NULL : ssl->receive_context;
}

void* wolfSSL_GetIOWriteCtx(WOLFSSL* ssl)
{
    return ssl == NULL ? NULL : ssl->send_context;
}

// ---- what was agreed on

static bool text_of(WOLFSSL* ssl, int which, char* text, size_t size)
{
    return ssl != NULL && ssl->session >= 0 && host_tls_text(ssl->session, which, text, size) != 0;
}

const char* wolfSSL_get_version(const WOLFSSL* ssl)
{
    WOLFSSL* session = (WOLFSSL*)ssl;
    return text_of(session, HOST_TLS_VERSION_NAME, session->version, sizeof(session->version)) ? session->version : "unknown";
}

const char* wolfSSL_get_cipher(WOLFSSL* ssl)
{
    return text_of(ssl, HOST_TLS_CIPHER_NAME, ssl->cipher, sizeof(ssl->cipher)) ? ssl->cipher : "NONE";
}

int wolfSSL_ALPN_GetProtocol(WOLFSSL* ssl, char** protocol, unsigned short* size)
{
    char text[256];
    if (ssl == NULL || protocol == NULL || size == NULL)
    {
        return BAD_FUNC_ARG;
    }
    *protocol = NULL;
    *size = 0;
    if (!text_of(ssl, HOST_TLS_PROTOCOL_NAME, text, sizeof(text)))
    {
        return WOLFSSL_ALPN_NOT_FOUND;
    }
    if (replace_text(&ssl->protocol, text, strlen(text)) != WOLFSSL_SUCCESS)
    {
        return MEMORY_E;
    }
    *protocol = ssl->protocol;
    *size = (unsigned short)strlen(text);
    return WOLFSSL_SUCCESS;
}

WOLFSSL_X509* wolfSSL_get_peer_certificate(WOLFSSL* ssl)
{
    size_t size;
    unsigned char* der;
    if (ssl == NULL || ssl->session < 0 || ssl->peer != NULL)
    {
        return ssl == NULL ? NULL : ssl->peer;
    }
    size = host_tls_peer_certificate(ssl->session, NULL, 0);
    der = size == 0 ? NULL : malloc(size);
    if (der == NULL)
    {
        return NULL;
    }
    (void)host_tls_peer_certificate(ssl->session, der, size);
    ssl->peer = x509_of(der, size);
    if (ssl->peer != NULL)
    {
        ssl->peer->of_session = true;
    }
    return ssl->peer;
}
