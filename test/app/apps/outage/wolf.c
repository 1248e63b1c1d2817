// wolfSSL, on a socket of the app's own.
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <wolfssl/options.h>
#include <wolfssl/ssl.h>

#include "users.h"

static WOLFSSL_CTX* ctx;
static WOLFSSL* kept;

static WOLFSSL* Make(const char** why)
{
    int fd = ConnectThere(SOCK_STREAM, "443", why);
    if (fd < 0)
    {
        return NULL;
    }
    WOLFSSL* ssl = wolfSSL_new(ctx);
    wolfSSL_set_fd(ssl, fd);
    return ssl;
}

static const char* NameOf(WOLFSSL* ssl, int result)
{
    static char number[16];
    int error = wolfSSL_get_error(ssl, result);
    if (error == WOLFSSL_ERROR_WANT_READ)
    {
        return "silent";
    }
    (void)snprintf(number, sizeof(number), "%d", error);
    return number;
}

// An HTTP request on a connection that stays.
static const char* Exchange(WOLFSSL* ssl)
{
    static const char request[] = "GET / HTTP/1.1\r\nHost: " THERE "\r\n\r\n";
    char answer[1000];
    int result = wolfSSL_connect(ssl);
    if (result == WOLFSSL_SUCCESS)
    {
        result = wolfSSL_write(ssl, request, sizeof(request) - 1);
    }
    if (result > 0)
    {
        result = wolfSSL_read(ssl, answer, sizeof(answer));
    }
    return result > 0 ? "ok" : NameOf(ssl, result);
}

static void Start(void)
{
    const char* why;
    wolfSSL_Init();
    ctx = wolfSSL_CTX_new(wolfTLSv1_2_client_method());
    wolfSSL_CTX_set_verify(ctx, WOLFSSL_VERIFY_NONE, NULL);
    kept = Make(&why);
}

static const char* Kept(void)
{
    return Exchange(kept);
}

static const char* Fresh(void)
{
    const char* why = NULL;
    WOLFSSL* ssl = Make(&why);
    if (ssl == NULL)
    {
        return why;
    }
    const char* result = Exchange(ssl);
    int fd = wolfSSL_get_fd(ssl);
    wolfSSL_free(ssl);
    (void)close(fd);
    return result;
}

const User wolfUser = {"wolfssl", Start, Kept, Fresh};
