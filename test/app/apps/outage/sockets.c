// Sockets of the app's own.
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "users.h"

static int kept;
static struct sockaddr_in there;

const char* NameOfErrno(void)
{
    switch (errno)
    {
    case EAGAIN:
        return "silent";
    case ENETUNREACH:
        return "ENETUNREACH";
    case ETIMEDOUT:
        return "ETIMEDOUT";
    case ECONNRESET:
        return "ECONNRESET";
    default:
        return strerror(errno);
    }
}

static int ConnectTo(const struct sockaddr_in* address, int type, const char** why)
{
    const struct timeval patience = {.tv_sec = PATIENCE};
    int fd = socket(AF_INET, type, 0);
    (void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    if (connect(fd, (const struct sockaddr*)address, sizeof(*address)) != 0)
    {
        *why = NameOfErrno();
        (void)close(fd);
        return -1;
    }
    return fd;
}

int ConnectThere(int type, const char* port, const char** why)
{
    const struct addrinfo hints = {.ai_family = AF_INET, .ai_socktype = type};
    struct addrinfo* found = NULL;
    int error = getaddrinfo(THERE, port, &hints, &found);
    if (error != 0)
    {
        *why = error == EAI_AGAIN ? "EAI_AGAIN" : gai_strerror(error);
        return -1;
    }
    memcpy(&there, found->ai_addr, sizeof(there));
    freeaddrinfo(found);
    return ConnectTo(&there, type, why);
}

static const char* Exchange(int fd)
{
    static char next = 'a';
    char answer;
    char sent = next++;
    next = next > 'z' ? 'a' : next;
    if (send(fd, &sent, 1, 0) != 1)
    {
        return NameOfErrno();
    }
    // Answers to what was asked before may come only now.
    do
    {
        ssize_t size = recv(fd, &answer, 1, 0);
        if (size != 1)
        {
            return size == 0 ? "end" : NameOfErrno();
        }
    } while (answer != sent);
    return "ok";
}

static const char* ExchangeAndClose(int fd, const char* why)
{
    const char* result = fd < 0 ? why : Exchange(fd);
    if (fd >= 0)
    {
        (void)close(fd);
    }
    return result;
}

static const char* Kept(void)
{
    return Exchange(kept);
}

static void StartTcp(void)
{
    const char* why;
    kept = ConnectThere(SOCK_STREAM, "7", &why);
}

static const char* NewTcp(void)
{
    const char* why = NULL;
    int fd = ConnectThere(SOCK_STREAM, "7", &why);
    return ExchangeAndClose(fd, why);
}

static const char* NewByAddress(void)
{
    const char* why = NULL;
    int fd = ConnectTo(&there, SOCK_STREAM, &why);
    return ExchangeAndClose(fd, why);
}

static void StartUdp(void)
{
    const char* why;
    kept = ConnectThere(SOCK_DGRAM, "9", &why);
}

static const char* NewUdp(void)
{
    const char* why = NULL;
    int fd = ConnectThere(SOCK_DGRAM, "9", &why);
    return ExchangeAndClose(fd, why);
}

void RunServer(void)
{
    const struct sockaddr_in here = {.sin_family = AF_INET, .sin_port = htons(8080)};
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    (void)bind(listener, (const struct sockaddr*)&here, sizeof(here));
    (void)listen(listener, 1);
    for (;;)
    {
        char bytes[16];
        ssize_t size;
        int fd = accept(listener, NULL, NULL);
        while ((size = recv(fd, bytes, sizeof(bytes), 0)) > 0)
        {
            (void)send(fd, bytes, (size_t)size, 0);
        }
        (void)close(fd);
    }
}

const User tcpUser = {"tcp", StartTcp, Kept, NewTcp};
const User addressUser = {"address", StartTcp, Kept, NewByAddress};
const User udpUser = {"udp", StartUdp, Kept, NewUdp};
