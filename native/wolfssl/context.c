// The library, methods and contexts.
#include "context.h"

#include <stdlib.h>
#include <string.h>

#include <wolfssl/wolfcrypt/wc_port.h>

#include "host.h"
#include "transfer.h"

int wolfSSL_Init(void)
{
    return WOLFSSL_SUCCESS;
}

int wolfSSL_Cleanup(void)
{
    return WOLFSSL_SUCCESS;
}

int wolfCrypt_Init(void)
{
    return 0;
}

int wolfCrypt_Cleanup(void)
{
    return 0;
}

int wolfSSL_Debugging_ON(void)
{
    return NOT_COMPILED_IN;
}

void wolfSSL_Debugging_OFF(void) {}

int wolfSSL_SetLoggingCb(wolfSSL_Logging_cb log)
{
    (void)log;
    return NOT_COMPILED_IN;
}

static WOLFSSL_METHOD tls_1_2 = {HOST_PROTOCOL_TLS_1_2, HOST_PROTOCOL_TLS_1_2};
static WOLFSSL_METHOD tls_1_3 = {HOST_PROTOCOL_TLS_1_3, HOST_PROTOCOL_TLS_1_3};
static WOLFSSL_METHOD any_tls = {HOST_PROTOCOL_TLS_1_2, HOST_PROTOCOL_TLS_1_3};

WOLFSSL_METHOD* wolfTLSv1_2_client_method(void)
{
    return &tls_1_2;
}

WOLFSSL_METHOD* wolfTLSv1_3_client_method(void)
{
    return &tls_1_3;
}

WOLFSSL_METHOD* wolfTLS_client_method(void)
{
    return &any_tls;
}

WOLFSSL_METHOD* wolfSSLv23_client_method(void)
{
    return &any_tls;
}

// ---- settings

int replace_text(char** place, const void* text, size_t size)
{
    char* copy = malloc(size + 1);
    if (copy == NULL)
    {
        return MEMORY_E;
    }
    (void)memcpy(copy, text, size);
    copy[size] = '\0';
    free(*place);
    *place = copy;
    return WOLFSSL_SUCCESS;
}

bool settings_copy(const SETTINGS* from, SETTINGS* to)
{
    *to = *from;
    to->server_name = NULL;
    if (from->server_name != NULL &&
        replace_text(&to->server_name, from->server_name, strlen(from->server_name)) != WOLFSSL_SUCCESS)
    {
        return false;
    }
    to->context = host_tls_context_copy(from->context);
    return true;
}

void settings_free(SETTINGS* settings)
{
    host_tls_context_free(settings->context);
    free(settings->server_name);
}

// ---- contexts

WOLFSSL_CTX* wolfSSL_CTX_new(WOLFSSL_METHOD* method)
{
    WOLFSSL_CTX* ctx = method == NULL ? NULL : calloc(1, sizeof(*ctx));
    if (ctx != NULL)
    {
        ctx->settings = (SETTINGS){.context = host_tls_context_create(),
                                   .lowest = method->lowest,
                                   .highest = method->highest,
                                   .verify_mode = WOLFSSL_VERIFY_PEER,
                                   .receive = receive_from_socket,
                                   .send = send_to_socket};
    }
    return ctx;
}

void wolfSSL_CTX_free(WOLFSSL_CTX* ctx)
{
    if (ctx != NULL)
    {
        settings_free(&ctx->settings);
        free(ctx);
    }
}

int wolfSSL_CTX_SetMinVersion(WOLFSSL_CTX* ctx, int version)
{
    unsigned lowest = version == WOLFSSL_TLSV1_3 ? HOST_PROTOCOL_TLS_1_3 : HOST_PROTOCOL_TLS_1_2;
    if (ctx == NULL || version < WOLFSSL_TLSV1 || version > WOLFSSL_TLSV1_3 || lowest > ctx->settings.highest)
    {
        return BAD_FUNC_ARG;
    }
    ctx->settings.lowest = lowest > ctx->settings.lowest ? lowest : ctx->settings.lowest;
    return WOLFSSL_SUCCESS;
}

void wolfSSL_CTX_set_verify(WOLFSSL_CTX* ctx, int mode, VerifyCallback verify)
{
    if (ctx != NULL)
    {
        ctx->settings.verify_mode = mode;
        ctx->settings.verify = verify;
    }
}

int wolfSSL_CTX_UseSNI(WOLFSSL_CTX* ctx, unsigned char type, const void* name, unsigned short size)
{
    if (ctx == NULL || name == NULL || type != WOLFSSL_SNI_HOST_NAME)
    {
        return BAD_FUNC_ARG;
    }
    return replace_text(&ctx->settings.server_name, name, size);
}

// The device number of Sphere's hardware keys. The key is the host's here anyway, so there is nothing to do.
int wolfSSL_CTX_SetDevId(WOLFSSL_CTX* ctx, int device)
{
    (void)device;
    return ctx == NULL ? WOLFSSL_FAILURE : WOLFSSL_SUCCESS;
}

void wolfSSL_CTX_SetIORecv(WOLFSSL_CTX* ctx, CallbackIORecv receive)
{
    if (ctx != NULL)
    {
        ctx->settings.receive = receive;
    }
}

void wolfSSL_CTX_SetIOSend(WOLFSSL_CTX* ctx, CallbackIOSend send)
{
    if (ctx != NULL)
    {
        ctx->settings.send = send;
    }
}

void wolfSSL_SetIORecv(WOLFSSL_CTX* ctx, CallbackIORecv receive)
{
    wolfSSL_CTX_SetIORecv(ctx, receive);
}

void wolfSSL_SetIOSend(WOLFSSL_CTX* ctx, CallbackIOSend send)
{
    wolfSSL_CTX_SetIOSend(ctx, send);
}
