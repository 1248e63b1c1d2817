// The options of sockets: setsockopt and getsockopt.
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "fail.h"
#include "socket.h"

// What SO_SNDBUF and SO_RCVBUF say.
#define BUFFER_SIZE 65536

// Options that are on or off, and change nothing here; NULL: it is none.
static uint32_t* switches_of(SOCKET* socket, int level, int name)
{
    if (level == SOL_SOCKET && (name == SO_REUSEADDR || name == SO_REUSEPORT || name == SO_KEEPALIVE || name == SO_BROADCAST ||
                                name == SO_OOBINLINE || name == SO_DONTROUTE))
    {
        return &socket->options;
    }
    if (level == IPPROTO_TCP && (name == TCP_NODELAY || name == TCP_QUICKACK || name == TCP_CORK))
    {
        return &socket->tcp_options;
    }
    return NULL;
}

// Options with a value that changes nothing here.
static bool is_of_no_effect(int level, int name)
{
    return (level == SOL_SOCKET && (name == SO_SNDBUF || name == SO_RCVBUF || name == SO_LINGER || name == SO_PRIORITY)) ||
           (level == IPPROTO_TCP && (name == TCP_KEEPIDLE || name == TCP_KEEPINTVL || name == TCP_KEEPCNT ||
                                     name == TCP_USER_TIMEOUT || name == TCP_SYNCNT)) ||
           (level == IPPROTO_IP && (name == IP_TOS || name == IP_TTL));
}

// The time limit that an option sets; NULL: it sets none.
static double* timeout_of(SOCKET* socket, int level, int name)
{
    return level != SOL_SOCKET   ? NULL
           : name == SO_RCVTIMEO ? &socket->receive_timeout
           : name == SO_SNDTIMEO ? &socket->send_timeout
                                 : NULL;
}

int setsockopt(int fd, int level, int name, const void* value, socklen_t size)
{
    SOCKET* socket = socket_find(fd);
    const struct timeval* time = value;
    uint32_t* switches;
    double* timeout;
    if (socket == NULL)
    {
        return -1;
    }
    switches = switches_of(socket, level, name);
    timeout = timeout_of(socket, level, name);
    if (switches == NULL && timeout == NULL && !is_of_no_effect(level, name))
    {
        return fail(ENOPROTOOPT);
    }
    if (value == NULL || size < (timeout != NULL ? sizeof(*time) : sizeof(int)))
    {
        return fail(value == NULL ? EFAULT : EINVAL);
    }
    if (timeout != NULL && (time->tv_sec < 0 || time->tv_usec < 0 || time->tv_usec >= 1000000))
    {
        return fail(EDOM);
    }
    if (timeout != NULL)
    {
        *timeout = (double)time->tv_sec * 1000 + (double)time->tv_usec / 1000;
    }
    else if (switches != NULL)
    {
        *switches = *(const int*)value != 0 ? *switches | 1u << name : *switches & ~(1u << name);
    }
    return 0;
}

// Copies the value of an option, as much of it as there is room for.
static int give(const void* content, size_t length, void* value, socklen_t* size)
{
    *size = (socklen_t)(*size < length ? *size : length);
    (void)memcpy(value, content, *size);
    return 0;
}

// The options that are a number; -1 with ENOPROTOOPT.
static int number_of(SOCKET* socket, int level, int name)
{
    const SOCKET_OPERATIONS* operations = socket->file.operations->socket;
    const uint32_t* switches = switches_of(socket, level, name);
    if (switches != NULL)
    {
        return (*switches >> name) & 1;
    }
    switch (level == SOL_SOCKET ? name : -1)
    {
        case SO_TYPE:
            return operations->type;
        case SO_DOMAIN:
            return AF_INET;
        case SO_ERROR:
            return operations->take_error == NULL ? 0 : operations->take_error(socket);
        case SO_ACCEPTCONN:
            return operations->accepting == NULL ? 0 : operations->accepting(socket);
        case SO_SNDBUF:
        case SO_RCVBUF:
            return BUFFER_SIZE;
        default:
            return fail(ENOPROTOOPT);
    }
}

int getsockopt(int fd, int level, int name, void* restrict value, socklen_t* restrict size)
{
    SOCKET* socket = socket_find(fd);
    const double* timeout;
    int number;
    if (socket == NULL)
    {
        return -1;
    }
    if (value == NULL || size == NULL)
    {
        return fail(EFAULT);
    }
    timeout = timeout_of(socket, level, name);
    if (timeout != NULL)
    {
        struct timeval time = {.tv_sec = (time_t)(*timeout / 1000)};
        time.tv_usec = (suseconds_t)((*timeout - (double)time.tv_sec * 1000) * 1000);
        return give(&time, sizeof(time), value, size);
    }
    number = number_of(socket, level, name);
    return number < 0 ? -1 : give(&number, sizeof(number), value, size);
}
