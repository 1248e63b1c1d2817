// Sessions: what is read and written, on sockets that block and on those that do not.
#include <applibs/eventloop.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>

#include "parts.h"

#define LARGE_SIZE 300000

void Sessions(void)
{
    WOLFSSL_CTX* ctx = ContextFor(wolfTLS_client_method(), "certs/root.pem");
    char text[32];
    char* protocol;
    unsigned short size;

    WOLFSSL* ssl = SessionTo(ctx, "tls.contoso.com");
    CHECK(wolfSSL_write(ssl, "implicit\n", 9) == 9); // makes the handshake
    CHECK(wolfSSL_peek(ssl, text, 2) == 2 && memcmp(text, "im", 2) == 0);
    CHECK(wolfSSL_pending(ssl) == 9 && wolfSSL_read(ssl, text, 4) == 4 && memcmp(text, "impl", 4) == 0);
    CHECK(wolfSSL_pending(ssl) == 5 && wolfSSL_read(ssl, text, sizeof(text)) == 5 && memcmp(text, "icit\n", 5) == 0);
    CHECK(wolfSSL_write(ssl, "", 0) == 0 && wolfSSL_read(ssl, text, 0) == 0);
    CHECK(wolfSSL_ALPN_GetProtocol(ssl, &protocol, &size) == WOLFSSL_ALPN_NOT_FOUND && protocol == NULL && size == 0);
    // Both sides end it: the second call waits for the server.
    CHECK(wolfSSL_shutdown(ssl) == WOLFSSL_SHUTDOWN_NOT_DONE && wolfSSL_shutdown(ssl) == WOLFSSL_SUCCESS);
    CHECK(wolfSSL_write(ssl, "x", 1) == WOLFSSL_FATAL_ERROR);
    End(ssl);

    // Two at once, each with its own bytes.
    WOLFSSL* first = SessionTo(ctx, "tls.contoso.com");
    WOLFSSL* second = SessionTo(ctx, "tls.contoso.com");
    CHECK(wolfSSL_connect(first) == WOLFSSL_SUCCESS && wolfSSL_connect(second) == WOLFSSL_SUCCESS);
    CHECK(wolfSSL_write(first, "one\n", 4) == 4 && wolfSSL_write(second, "two\n", 4) == 4);
    CHECK(wolfSSL_read(second, text, sizeof(text)) == 4 && memcmp(text, "two\n", 4) == 0);
    CHECK(wolfSSL_read(first, text, sizeof(text)) == 4 && memcmp(text, "one\n", 4) == 0);
    End(first);
    End(second);

    ssl = SessionTo(ctx, "tls.contoso.com");
    CHECK(wolfSSL_UseALPN(ssl, "h2,mqtt", 7, WOLFSSL_ALPN_FAILED_ON_MISMATCH) == WOLFSSL_SUCCESS);
    CHECK(wolfSSL_connect(ssl) == WOLFSSL_SUCCESS);
    CHECK(wolfSSL_ALPN_GetProtocol(ssl, &protocol, &size) == WOLFSSL_SUCCESS && size == 4 && strcmp(protocol, "mqtt") == 0);
    End(ssl);
    ssl = SessionTo(ctx, "tls.contoso.com");
    CHECK(wolfSSL_UseALPN(ssl, "h2", 2, WOLFSSL_ALPN_FAILED_ON_MISMATCH) == WOLFSSL_SUCCESS);
    CHECK(wolfSSL_connect(ssl) == WOLFSSL_FATAL_ERROR && wolfSSL_get_error(ssl, -1) == FATAL_ERROR);
    End(ssl);
    wolfSSL_CTX_free(ctx);
}

// ---- as the official sample does it

static EventLoop* loop;
static EventRegistration* registration;
static WOLFSSL* session;
static char received[256];
static int receivedSize = 0;
static int calls = 0;
static bool finished = false;
static void (*next)(void);

static void OnEvent(EventLoop* el, int fd, EventLoop_IoEvents events, void* context)
{
    (void)el;
    (void)fd;
    (void)events;
    (void)context;
    calls++;
    next();
}

static void ReadSome(void)
{
    char bytes[16];
    int count = wolfSSL_read(session, bytes, sizeof(bytes));
    if (count > 0)
    {
        memcpy(received + receivedSize, bytes, (size_t)count);
        receivedSize += count;
        return;
    }
    int error = wolfSSL_get_error(session, count);
    if (count == WOLFSSL_FATAL_ERROR && error == WOLFSSL_ERROR_WANT_READ)
    {
        return;
    }
    CHECK(count == 0 && (error == SOCKET_PEER_CLOSED_E || error == WOLFSSL_ERROR_ZERO_RETURN));
    finished = true;
}

static void WriteAll(void)
{
    static const char line[] = "a line that is longer than the bytes that are read at once, and then the end\nend\n";
    CHECK(wolfSSL_write(session, line, sizeof(line) - 1) == sizeof(line) - 1);
    CHECK(EventLoop_ModifyIoEvents(loop, registration, EventLoop_Input) == 0);
    next = ReadSome;
}

static void Handshake(void)
{
    CHECK(EventLoop_ModifyIoEvents(loop, registration, EventLoop_Input | EventLoop_Output) == 0);
    int result = wolfSSL_connect(session);
    if (result == WOLFSSL_SUCCESS)
    {
        WriteAll();
        return;
    }
    int error = wolfSSL_get_error(session, result);
    CHECK(error == WOLFSSL_ERROR_WANT_READ || error == WOLFSSL_ERROR_WANT_WRITE);
    next = Handshake;
}

static void Connected(void)
{
    int error;
    socklen_t size = sizeof(error);
    CHECK(getsockopt(wolfSSL_get_fd(session), SOL_SOCKET, SO_ERROR, &error, &size) == 0 && error == 0);
    Handshake();
}

void Nonblocking(void)
{
    WOLFSSL_CTX* ctx = ContextFor(wolfTLSv1_3_client_method(), "certs/root.pem");
    int fd = ConnectTo("tls.contoso.com", SOCK_NONBLOCK);
    loop = EventLoop_Create();
    registration = EventLoop_RegisterIo(loop, fd, EventLoop_Output, OnEvent, NULL);
    session = wolfSSL_new(ctx);
    CHECK(wolfSSL_check_domain_name(session, "tls.contoso.com") == WOLFSSL_SUCCESS);
    CHECK(wolfSSL_set_fd(session, fd) == WOLFSSL_SUCCESS);
    next = Connected;
    while (!finished)
    {
        CHECK(EventLoop_Run(loop, 10000, true) != EventLoop_Run_Failed && failures == 0);
        if (failures > 0)
        {
            return;
        }
    }
    CHECK(strcmp(received, "a line that is longer than the bytes that are read at once, and then the end\nend\n") == 0);
    CHECK(EventLoop_UnregisterIo(loop, registration) == 0);
    EventLoop_Close(loop);
    End(session);
    wolfSSL_CTX_free(ctx);
}

// As some apps do it: a handshake without a wait.
void Spinning(void)
{
    WOLFSSL_CTX* ctx = ContextFor(wolfTLSv1_2_client_method(), "certs/root.pem");
    int fd = ConnectTo("tls.contoso.com", SOCK_NONBLOCK);
    struct pollfd descriptor = {.fd = fd, .events = POLLOUT};
    CHECK(poll(&descriptor, 1, 10000) == 1);
    WOLFSSL* ssl = wolfSSL_new(ctx);
    int result;
    int error;
    CHECK(wolfSSL_set_fd(ssl, fd) == WOLFSSL_SUCCESS);
    do
    {
        result = wolfSSL_connect(ssl);
        error = wolfSSL_get_error(ssl, result);
    } while (error == WOLFSSL_ERROR_WANT_READ || error == WOLFSSL_ERROR_WANT_WRITE);
    CHECK(result == WOLFSSL_SUCCESS);
    char byte;
    CHECK(wolfSSL_read(ssl, &byte, 1) == WOLFSSL_FATAL_ERROR && wolfSSL_get_error(ssl, -1) == WOLFSSL_ERROR_WANT_READ);
    CHECK(wolfSSL_write(ssl, "x", 1) == 1);
    CHECK(wolfSSL_shutdown(ssl) == WOLFSSL_SHUTDOWN_NOT_DONE);
    End(ssl);
    wolfSSL_CTX_free(ctx);
}

// ---- more than fits anywhere

static unsigned char ByteAt(int position)
{
    return (unsigned char)(position * 7 + position / 251);
}

static void Fill(unsigned char* bytes)
{
    for (int i = 0; i < LARGE_SIZE; i++)
    {
        bytes[i] = ByteAt(i);
    }
}

// The server sends it all back once it has a byte of 255 after it.
static void LargeBlocking(WOLFSSL_CTX* ctx, unsigned char* bytes)
{
    WOLFSSL* ssl = SessionTo(ctx, "silent.contoso.com");
    int size = 0;
    CHECK(wolfSSL_connect(ssl) == WOLFSSL_SUCCESS && wolfSSL_write(ssl, bytes, LARGE_SIZE) == LARGE_SIZE);
    memset(bytes, 0, LARGE_SIZE);
    while (size < LARGE_SIZE)
    {
        int count = wolfSSL_read(ssl, bytes + size, LARGE_SIZE - size);
        CHECK(count > 0);
        if (count <= 0)
        {
            break;
        }
        size += count;
    }
    for (int i = 0; i < LARGE_SIZE; i++)
    {
        if (bytes[i] != ByteAt(i))
        {
            CHECK(bytes[i] == ByteAt(i));
            break;
        }
    }
    End(ssl);
}

// The same, where a write can't go on: the app calls again with the same bytes.
static void LargeNonblocking(WOLFSSL_CTX* ctx, unsigned char* bytes)
{
    int fd = ConnectTo("silent.contoso.com", SOCK_NONBLOCK);
    WOLFSSL* ssl = wolfSSL_new(ctx);
    struct pollfd descriptor = {.fd = fd, .events = POLLIN | POLLOUT};
    int written = -1;
    int size = 0;
    int waits = 0;
    CHECK(wolfSSL_set_fd(ssl, fd) == WOLFSSL_SUCCESS);
    while ((written < 0 || size < LARGE_SIZE) && failures == 0)
    {
        int result = written < 0 ? wolfSSL_write(ssl, bytes, LARGE_SIZE) : wolfSSL_read(ssl, bytes + size, LARGE_SIZE - size);
        int error = wolfSSL_get_error(ssl, result);
        if (result > 0)
        {
            size += written < 0 ? 0 : result;
            written = LARGE_SIZE;
            continue;
        }
        CHECK(error == WOLFSSL_ERROR_WANT_READ || error == WOLFSSL_ERROR_WANT_WRITE);
        waits += error == WOLFSSL_ERROR_WANT_WRITE ? 1 : 0;
        descriptor.events = error == WOLFSSL_ERROR_WANT_READ ? POLLIN : POLLOUT;
        CHECK(poll(&descriptor, 1, 10000) == 1);
    }
    CHECK(waits > 0);
    for (int i = 0; i < LARGE_SIZE; i += 997)
    {
        CHECK(bytes[i] == ByteAt(i));
    }
    End(ssl);
}

void Large(void)
{
    WOLFSSL_CTX* ctx = ContextFor(wolfTLS_client_method(), "certs/root.pem");
    unsigned char* bytes = malloc(LARGE_SIZE);
    Fill(bytes);
    LargeBlocking(ctx, bytes);
    Fill(bytes);
    LargeNonblocking(ctx, bytes);
    free(bytes);
    wolfSSL_CTX_free(ctx);
}

// ---- the end

static void EndsWith(WOLFSSL_CTX* ctx, const char* line, int error)
{
    char bytes[32];
    WOLFSSL* ssl = SessionTo(ctx, "tls.contoso.com");
    CHECK(wolfSSL_connect(ssl) == WOLFSSL_SUCCESS && wolfSSL_write(ssl, line, (int)strlen(line)) == (int)strlen(line));
    CHECK(wolfSSL_read(ssl, bytes, sizeof(bytes)) == 4 && memcmp(bytes, line, 4) == 0); // what came before is not lost
    for (int i = 0; i < 2; i++)
    {
        int count = wolfSSL_read(ssl, bytes, sizeof(bytes));
        CHECK(count == 0 && wolfSSL_get_error(ssl, count) == error);
    }
    End(ssl);
}

// Somebody changes what the server says after the handshake.
static void IsChanged(WOLFSSL_CTX* ctx)
{
    char byte;
    WOLFSSL* ssl = SessionTo(ctx, "changed.contoso.com");
    CHECK(strcmp(Answer(ssl, "hello\n"), "hello\n") == 0 && wolfSSL_write(ssl, "change\n", 7) == 7);
    CHECK(wolfSSL_read(ssl, &byte, 1) == WOLFSSL_FATAL_ERROR && wolfSSL_get_error(ssl, -1) == VERIFY_MAC_ERROR);
    CHECK(wolfSSL_write(ssl, "x", 1) == WOLFSSL_FATAL_ERROR);
    End(ssl);
}

void Endings(void)
{
    for (int i = 0; i < 2; i++)
    {
        WOLFSSL_CTX* ctx = ContextFor(i == 0 ? wolfTLSv1_2_client_method() : wolfTLSv1_3_client_method(), "certs/root.pem");
        EndsWith(ctx, "end\n", WOLFSSL_ERROR_ZERO_RETURN);
        EndsWith(ctx, "cut\n", SOCKET_PEER_CLOSED_E);
        IsChanged(ctx);
        wolfSSL_CTX_free(ctx);
    }
}

// ---- an app's own input and output

typedef struct
{
    int fd;
    int reads;
    int writes;
} Channel;

static int Receive(WOLFSSL* ssl, char* buffer, int size, void* context)
{
    Channel* channel = context;
    (void)ssl;
    // Every other time there is nothing yet, and at most three bytes at a time.
    if (channel->reads++ % 2 == 0)
    {
        return WOLFSSL_CBIO_ERR_WANT_READ;
    }
    ssize_t count = recv(channel->fd, buffer, size < 3 ? (size_t)size : 3, 0);
    return count > 0 ? (int)count : WOLFSSL_CBIO_ERR_CONN_CLOSE;
}

static int Send(WOLFSSL* ssl, char* buffer, int size, void* context)
{
    Channel* channel = context;
    (void)ssl;
    if (channel->writes++ % 2 == 0)
    {
        return WOLFSSL_CBIO_ERR_WANT_WRITE;
    }
    return (int)send(channel->fd, buffer, size < 100 ? (size_t)size : 100, 0);
}

// Whether a call is to be made again.
static bool Waits(WOLFSSL* ssl, int result)
{
    int error = wolfSSL_get_error(ssl, result);
    bool waits = error == WOLFSSL_ERROR_WANT_READ || error == WOLFSSL_ERROR_WANT_WRITE;
    CHECK(waits);
    if (!waits)
    {
        Log_Debug("FAILED with %d, error %d\n", result, error);
    }
    return waits;
}

void OwnInput(void)
{
    WOLFSSL_CTX* ctx = ContextFor(wolfTLS_client_method(), "certs/root.pem");
    Channel channel = {.fd = ConnectTo("tls.contoso.com", 0)};
    char text[8] = "";
    int size = 0;
    int result;
    wolfSSL_SetIORecv(ctx, Receive);
    wolfSSL_SetIOSend(ctx, Send);
    WOLFSSL* ssl = wolfSSL_new(ctx);
    wolfSSL_SetIOReadCtx(ssl, &channel);
    wolfSSL_SetIOWriteCtx(ssl, &channel);
    CHECK(wolfSSL_GetIOReadCtx(ssl) == &channel && wolfSSL_GetIOWriteCtx(ssl) == &channel);
    while ((result = wolfSSL_connect(ssl)) != WOLFSSL_SUCCESS && Waits(ssl, result))
    {
    }
    while ((result = wolfSSL_write(ssl, "own\n", 4)) != 4 && Waits(ssl, result))
    {
    }
    while (size < 4 && ((result = wolfSSL_read(ssl, text + size, (int)sizeof(text) - size)) > 0 || Waits(ssl, result)))
    {
        size += result > 0 ? result : 0;
    }
    CHECK(strcmp(text, "own\n") == 0 && channel.reads > 100 && channel.writes > 2);
    wolfSSL_free(ssl);
    wolfSSL_CTX_free(ctx);
    CHECK(close(channel.fd) == 0);
}

void Timeouts(void)
{
    WOLFSSL_CTX* ctx = ContextFor(wolfTLS_client_method(), "certs/root.pem");
    WOLFSSL* ssl = SessionTo(ctx, "tls.contoso.com");
    struct timeval limit = {.tv_sec = 2};
    struct timespec before;
    struct timespec after;
    char byte;
    CHECK(wolfSSL_connect(ssl) == WOLFSSL_SUCCESS);
    CHECK(strcmp(Answer(ssl, "hello\n"), "hello\n") == 0); // and what the server sends by itself after a handshake
    CHECK(setsockopt(wolfSSL_get_fd(ssl), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit)) == 0);
    CHECK(clock_gettime(CLOCK_MONOTONIC, &before) == 0);
    CHECK(wolfSSL_read(ssl, &byte, 1) == WOLFSSL_FATAL_ERROR && wolfSSL_get_error(ssl, -1) == WOLFSSL_ERROR_WANT_READ);
    CHECK(clock_gettime(CLOCK_MONOTONIC, &after) == 0 && after.tv_sec - before.tv_sec == 2);
    End(ssl);
    wolfSSL_CTX_free(ctx);
}
