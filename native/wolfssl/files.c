// Certificates and keys from files and from memory.
#include "files.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "host.h"
#include "objects.h"

unsigned char* read_whole(const char* name, size_t* size)
{
    int fd = name == NULL ? -1 : open(name, O_RDONLY);
    off_t end = fd < 0 ? -1 : lseek(fd, 0, SEEK_END);
    unsigned char* bytes = end < 0 ? NULL : malloc((size_t)end + 1);
    if (bytes != NULL && (lseek(fd, 0, SEEK_SET) != 0 || read(fd, bytes, (size_t)end) != end))
    {
        free(bytes);
        bytes = NULL;
    }
    if (fd >= 0)
    {
        (void)close(fd);
    }
    *size = bytes == NULL ? 0 : (size_t)end;
    return bytes;
}

static bool is_format(int format)
{
    return format == WOLFSSL_FILETYPE_PEM || format == WOLFSSL_FILETYPE_ASN1;
}

int add_bytes(int context, int what, const void* bytes, long size)
{
    if (bytes == NULL || size <= 0)
    {
        return BAD_FUNC_ARG;
    }
    switch (host_tls_context_add(context, what, bytes, (size_t)size))
    {
        case 0:
            return WOLFSSL_SUCCESS;
        case HOST_ERROR_NO_DATA:
            return ASN_NO_PEM_HEADER;
        default:
            return ASN_PARSE_E;
    }
}

int add_file(int context, int what, const char* name)
{
    size_t size;
    unsigned char* bytes = read_whole(name, &size);
    int result;
    if (bytes == NULL)
    {
        return WOLFSSL_BAD_FILE;
    }
    result = size == 0 ? ASN_NO_PEM_HEADER : add_bytes(context, what, bytes, (long)size);
    free(bytes);
    return result;
}

static int context_file(WOLFSSL_CTX* ctx, int what, const char* name, int format)
{
    if (ctx == NULL || name == NULL)
    {
        return WOLFSSL_FAILURE;
    }
    return is_format(format) ? add_file(ctx->settings.context, what, name) : WOLFSSL_BAD_FILETYPE;
}

static int context_bytes(WOLFSSL_CTX* ctx, int what, const void* bytes, long size, int format)
{
    if (ctx == NULL)
    {
        return WOLFSSL_FAILURE;
    }
    return is_format(format) ? add_bytes(ctx->settings.context, what, bytes, size) : WOLFSSL_BAD_FILETYPE;
}

static int session_file(WOLFSSL* ssl, int what, const char* name, int format)
{
    if (ssl == NULL || name == NULL)
    {
        return BAD_FUNC_ARG;
    }
    return is_format(format) ? add_file(ssl->settings.context, what, name) : WOLFSSL_BAD_FILETYPE;
}

int wolfSSL_CTX_load_verify_locations(WOLFSSL_CTX* ctx, const char* file, const char* path)
{
    if (path != NULL)
    {
        return WOLFSSL_BAD_PATH; // an app can open no folder
    }
    return context_file(ctx, HOST_TLS_TRUST, file, WOLFSSL_FILETYPE_PEM);
}

int wolfSSL_CTX_load_verify_buffer(WOLFSSL_CTX* ctx, const unsigned char* bytes, long size, int format)
{
    return context_bytes(ctx, HOST_TLS_TRUST, bytes, size, format);
}

int wolfSSL_CTX_use_certificate_file(WOLFSSL_CTX* ctx, const char* file, int format)
{
    return context_file(ctx, HOST_TLS_CERTIFICATE, file, format);
}

int wolfSSL_CTX_use_certificate_buffer(WOLFSSL_CTX* ctx, const unsigned char* bytes, long size, int format)
{
    return context_bytes(ctx, HOST_TLS_CERTIFICATE, bytes, size, format);
}

int wolfSSL_CTX_use_certificate_chain_file(WOLFSSL_CTX* ctx, const char* file)
{
    return context_file(ctx, HOST_TLS_CHAIN, file, WOLFSSL_FILETYPE_PEM);
}

int wolfSSL_CTX_use_certificate_chain_buffer(WOLFSSL_CTX* ctx, const unsigned char* bytes, long size)
{
    return context_bytes(ctx, HOST_TLS_CHAIN, bytes, size, WOLFSSL_FILETYPE_PEM);
}

int wolfSSL_CTX_use_PrivateKey_file(WOLFSSL_CTX* ctx, const char* file, int format)
{
    return context_file(ctx, HOST_TLS_KEY, file, format);
}

int wolfSSL_CTX_use_PrivateKey_buffer(WOLFSSL_CTX* ctx, const unsigned char* bytes, long size, int format)
{
    return context_bytes(ctx, HOST_TLS_KEY, bytes, size, format);
}

int wolfSSL_use_certificate_file(WOLFSSL* ssl, const char* file, int format)
{
    return session_file(ssl, HOST_TLS_CERTIFICATE, file, format);
}

int wolfSSL_use_certificate_chain_file(WOLFSSL* ssl, const char* file)
{
    return session_file(ssl, HOST_TLS_CHAIN, file, WOLFSSL_FILETYPE_PEM);
}

int wolfSSL_use_PrivateKey_file(WOLFSSL* ssl, const char* file, int format)
{
    return session_file(ssl, HOST_TLS_KEY, file, format);
}
