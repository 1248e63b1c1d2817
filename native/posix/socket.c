// What every socket does: send, recv and their like, and options.
#include "socket.h"

#include <arpa/inet.h>
#include <errno.h>
#include <limits.h>
#include <math.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <applibs/log.h>

#include "wait.h"

// What SO_SNDBUF and SO_RCVBUF say.
#define BUFFER_SIZE 65536

SOCKET* socket_find(int fd)
{
    OPEN_FILE* file = fd_find(fd);
    if (file != NULL && file->operations->socket == NULL)
    {
        errno = ENOTSOCK;
        return NULL;
    }
    return (SOCKET*)file;
}

double socket_end(double timeout)
{
    return timeout > 0 ? host_clock_monotonic() + timeout : INFINITY;
}

int socket_read_address(const struct sockaddr* address, size_t size, HOST_ADDRESS* result)
{
    const struct sockaddr_in* internet = (const struct sockaddr_in*)address;
    if (address == NULL || size < sizeof(*internet))
    {
        errno = address == NULL ? EFAULT : EINVAL;
        return -1;
    }
    if (internet->sin_family != AF_INET)
    {
        errno = EAFNOSUPPORT;
        return -1;
    }
    *result = (HOST_ADDRESS){ntohl(internet->sin_addr.s_addr), ntohs(internet->sin_port)};
    return 0;
}

void socket_write_address(HOST_ADDRESS from, struct sockaddr* address, socklen_t* size)
{
    struct sockaddr_in internet = {.sin_family = AF_INET};
    if (address == NULL || size == NULL)
    {
        return;
    }
    internet.sin_addr.s_addr = htonl(from.ip);
    internet.sin_port = htons((in_port_t)from.port);
    (void)memcpy(address, &internet, *size < sizeof(internet) ? *size : sizeof(internet));
    *size = sizeof(internet);
}

// ---- receiving and sending

ssize_t socket_receive(SOCKET* socket, void* buffer, size_t size, int flags, HOST_ADDRESS* from)
{
    const SOCKET_OPERATIONS* operations = socket->file.operations->socket;
    bool whole = (flags & MSG_WAITALL) != 0 && (flags & MSG_PEEK) == 0 && operations->type == SOCK_STREAM;
    double end = socket_end(socket->receive_timeout);
    HOST_ADDRESS unused;
    size_t received = 0;
    ssize_t count;
    size = fd_transfer(size);
    for (;;)
    {
        count = operations->receive(socket, (char*)buffer + received, size - received, flags, from == NULL ? &unused : from);
        received += count > 0 ? (size_t)count : 0;
        if (count >= 0 && (!whole || count == 0 || received == size))
        {
            return (ssize_t)(operations->type == SOCK_STREAM ? received : (size_t)count);
        }
        if (count < 0 && errno == EAGAIN && ((flags & MSG_DONTWAIT) != 0 || socket->file.nonblocking))
        {
            return received > 0 ? (ssize_t)received : -1;
        }
        if (count < 0 && fd_wait(&socket->file, end) != 0)
        {
            return received > 0 ? (ssize_t)received : -1;
        }
    }
}

// A program that writes to a closed connection is sent SIGPIPE, as on the device.
static void broken_pipe(void)
{
    struct sigaction action;
    if (sigaction(SIGPIPE, NULL, &action) == 0 && action.sa_handler == SIG_DFL)
    {
        (void)Log_Debug("[sphere-iot] The app wrote to a connection that is closed, and SIGPIPE ends it: "
                        "send with MSG_NOSIGNAL, or ignore the signal.\n");
    }
    (void)raise(SIGPIPE);
    errno = EPIPE;
}

ssize_t socket_send(SOCKET* socket, const void* bytes, size_t size, int flags, const HOST_ADDRESS* to)
{
    const SOCKET_OPERATIONS* operations = socket->file.operations->socket;
    double end = socket_end(socket->send_timeout);
    size_t sent = 0;
    size = fd_transfer(size);
    for (;;)
    {
        ssize_t count = operations->send(socket, (const char*)bytes + sent, size - sent, to);
        sent += count > 0 ? (size_t)count : 0;
        if (count >= 0 && sent >= size)
        {
            return (ssize_t)sent;
        }
        if (count < 0 && ((flags & MSG_DONTWAIT) != 0 || fd_wait(&socket->file, end) != 0))
        {
            break;
        }
    }
    if (sent > 0)
    {
        return (ssize_t)sent;
    }
    if (errno == EPIPE && (flags & MSG_NOSIGNAL) == 0)
    {
        broken_pipe();
    }
    return -1;
}

ssize_t socket_read(OPEN_FILE* file, void* buffer, size_t size)
{
    return socket_receive((SOCKET*)file, buffer, size, 0, NULL);
}

ssize_t socket_write(OPEN_FILE* file, const void* bytes, size_t size)
{
    return socket_send((SOCKET*)file, bytes, size, 0, NULL);
}

ssize_t sendto(int fd, const void* bytes, size_t size, int flags, const struct sockaddr* address, socklen_t address_size)
{
    SOCKET* socket = socket_find(fd);
    HOST_ADDRESS to;
    if (socket == NULL || (address != NULL && socket_read_address(address, address_size, &to) != 0))
    {
        return -1;
    }
    if (bytes == NULL && size > 0)
    {
        errno = EFAULT;
        return -1;
    }
    return socket_send(socket, bytes, size, flags, address == NULL ? NULL : &to);
}

ssize_t send(int fd, const void* bytes, size_t size, int flags)
{
    return sendto(fd, bytes, size, flags, NULL, 0);
}

ssize_t recvfrom(int fd, void* restrict buffer, size_t size, int flags, struct sockaddr* restrict address,
                 socklen_t* restrict address_size)
{
    SOCKET* socket = socket_find(fd);
    HOST_ADDRESS from = {0, 0};
    ssize_t count;
    if (socket == NULL)
    {
        return -1;
    }
    if (buffer == NULL && size > 0)
    {
        errno = EFAULT;
        return -1;
    }
    count = socket_receive(socket, buffer, size, flags, &from);
    if (count >= 0 && from.port != 0)
    {
        socket_write_address(from, address, address_size);
    }
    return count;
}

ssize_t recv(int fd, void* buffer, size_t size, int flags)
{
    return recvfrom(fd, buffer, size, flags, NULL, NULL);
}

// ---- messages of several parts

// -1 with errno for more parts than a message may have, or more bytes than a count can tell.
static ssize_t size_of_parts(const struct msghdr* message)
{
    size_t size = 0;
    if ((size_t)message->msg_iovlen > IOV_MAX)
    {
        errno = EMSGSIZE;
        return -1;
    }
    for (int i = 0; i < (int)message->msg_iovlen; i++)
    {
        if (message->msg_iov[i].iov_len > INT_MAX - size)
        {
            errno = EINVAL;
            return -1;
        }
        size += message->msg_iov[i].iov_len;
    }
    return (ssize_t)size;
}

// A block for what the parts hold together; NULL with errno.
static char* block_for(const struct msghdr* message, size_t* size)
{
    ssize_t all = message == NULL ? (errno = EFAULT, -1) : size_of_parts(message);
    char* bytes = all < 0 ? NULL : malloc((size_t)all + 1);
    *size = (size_t)all;
    if (bytes == NULL && all >= 0)
    {
        errno = ENOMEM;
    }
    return bytes;
}

ssize_t sendmsg(int fd, const struct msghdr* message, int flags)
{
    size_t size;
    char* bytes = block_for(message, &size);
    ssize_t count;
    if (bytes == NULL)
    {
        return -1;
    }
    size = 0;
    for (int i = 0; i < (int)message->msg_iovlen; i++)
    {
        (void)memcpy(bytes + size, message->msg_iov[i].iov_base, message->msg_iov[i].iov_len);
        size += message->msg_iov[i].iov_len;
    }
    count = sendto(fd, bytes, size, flags, message->msg_name, message->msg_namelen);
    free(bytes);
    return count;
}

ssize_t recvmsg(int fd, struct msghdr* message, int flags)
{
    size_t size;
    char* bytes = block_for(message, &size);
    size_t given = 0;
    ssize_t count;
    if (bytes == NULL)
    {
        return -1;
    }
    count = recvfrom(fd, bytes, size, flags | MSG_TRUNC, message->msg_name, &message->msg_namelen);
    message->msg_flags = count > (ssize_t)size ? MSG_TRUNC : 0;
    message->msg_controllen = 0;
    count = count > (ssize_t)size && (flags & MSG_TRUNC) == 0 ? (ssize_t)size : count;
    for (int i = 0; i < (int)message->msg_iovlen && count > 0 && given < (size_t)count; i++)
    {
        size_t left = (size_t)count - given;
        size_t part = message->msg_iov[i].iov_len < left ? message->msg_iov[i].iov_len : left;
        (void)memcpy(message->msg_iov[i].iov_base, bytes + given, part);
        given += part;
    }
    free(bytes);
    return count;
}

// ---- options

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
        errno = ENOPROTOOPT;
        return -1;
    }
    if (value == NULL || size < (timeout != NULL ? sizeof(*time) : sizeof(int)))
    {
        errno = value == NULL ? EFAULT : EINVAL;
        return -1;
    }
    if (timeout != NULL && (time->tv_sec < 0 || time->tv_usec < 0 || time->tv_usec >= 1000000))
    {
        errno = EDOM;
        return -1;
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
            errno = ENOPROTOOPT;
            return -1;
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
        errno = EFAULT;
        return -1;
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
