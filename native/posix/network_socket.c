// Sockets of the network: TCP and UDP over IPv4, the only one that the device has. All that they know is in the host.
#include "network_socket.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "host.h"
#include "host_error.h"
#include "socket.h"
#include "wait.h"

typedef struct NETWORK_SOCKET_TAG
{
    SOCKET socket;
    int number;
} NETWORK_SOCKET;

static int number_of(const void* socket)
{
    return ((const NETWORK_SOCKET*)socket)->number;
}

static short network_ready(OPEN_FILE* file)
{
    int ready = host_inet_ready(number_of(file));
    return (short)(((ready & HOST_READY_INPUT) != 0 ? POLLIN : 0) | ((ready & HOST_READY_OUTPUT) != 0 ? POLLOUT : 0) |
                   ((ready & HOST_READY_ERROR) != 0 ? POLLERR : 0) | ((ready & HOST_READY_CLOSED) != 0 ? POLLHUP : 0));
}

static ssize_t network_receive(SOCKET* socket, void* buffer, size_t size, int flags, HOST_ADDRESS* from)
{
    int count = host_result(host_inet_receive(number_of(socket), buffer, size, (flags & MSG_PEEK) != 0, from));
    // A datagram that finds no room is cut; MSG_TRUNC asks for its whole length.
    return count > (int)size && (flags & MSG_TRUNC) == 0 ? (ssize_t)size : count;
}

static ssize_t network_send(SOCKET* socket, const void* bytes, size_t size, const HOST_ADDRESS* to)
{
    return host_result(host_inet_send(number_of(socket), bytes, size, to));
}

static int network_accepting(SOCKET* socket)
{
    return host_inet_accepting(number_of(socket));
}

static int network_take_error(SOCKET* socket)
{
    int error = host_inet_take_error(number_of(socket));
    return error == 0 ? 0 : (host_result(error), errno);
}

static void network_close(OPEN_FILE* file)
{
    host_inet_close(number_of(file));
    free(file);
}

static const SOCKET_OPERATIONS streams = {.type = SOCK_STREAM,
                                          .receive = network_receive,
                                          .send = network_send,
                                          .accepting = network_accepting,
                                          .take_error = network_take_error};
static const SOCKET_OPERATIONS datagrams = {
    .type = SOCK_DGRAM, .receive = network_receive, .send = network_send, .take_error = network_take_error};
static const FILE_OPERATIONS stream_operations = {.read = socket_read,
                                                  .write = socket_write,
                                                  .waits = true,
                                                  .ready = network_ready,
                                                  .socket = &streams,
                                                  .close = network_close};
static const FILE_OPERATIONS datagram_operations = {.read = socket_read,
                                                    .write = socket_write,
                                                    .waits = true,
                                                    .ready = network_ready,
                                                    .socket = &datagrams,
                                                    .close = network_close};

// EOPNOTSUPP for a socket that is none of the network.
static NETWORK_SOCKET* find(int fd)
{
    SOCKET* socket = socket_find(fd);
    if (socket != NULL && socket->file.operations != &stream_operations && socket->file.operations != &datagram_operations)
    {
        errno = EOPNOTSUPP;
        return NULL;
    }
    return (NETWORK_SOCKET*)socket;
}

int network_socket_number(int fd)
{
    NETWORK_SOCKET* socket = find(fd);
    return socket == NULL ? -1 : socket->number;
}

static int open_socket(int number, const FILE_OPERATIONS* operations, int flags)
{
    NETWORK_SOCKET* socket;
    if (number < 0)
    {
        return -1;
    }
    socket = calloc(1, sizeof(NETWORK_SOCKET));
    if (socket == NULL)
    {
        host_inet_close(number);
        errno = ENOMEM;
        return -1;
    }
    socket->number = number;
    return fd_open(&socket->socket.file, operations, (flags & SOCK_NONBLOCK) != 0);
}

int socket(int domain, int type, int protocol)
{
    int kind = type & ~(SOCK_NONBLOCK | SOCK_CLOEXEC);
    bool stream = kind == SOCK_STREAM;
    if (domain != AF_INET)
    {
        errno = EAFNOSUPPORT;
        return -1;
    }
    if (kind == SOCK_RAW)
    {
        errno = EPERM;
        return -1;
    }
    if ((!stream && kind != SOCK_DGRAM) || (protocol != 0 && protocol != (stream ? IPPROTO_TCP : IPPROTO_UDP)))
    {
        errno = EPROTONOSUPPORT;
        return -1;
    }
    return open_socket(host_inet_socket(stream ? HOST_INET_STREAM : HOST_INET_DATAGRAM),
                       stream ? &stream_operations : &datagram_operations, type);
}

int connect(int fd, const struct sockaddr* address, socklen_t size)
{
    NETWORK_SOCKET* socket = find(fd);
    HOST_ADDRESS to;
    double end;
    if (socket == NULL || socket_read_address(address, size, &to) != 0)
    {
        return -1;
    }
    end = socket_end(socket->socket.send_timeout);
    for (;;)
    {
        int result = host_result(host_inet_connect(socket->number, &to));
        if (result == 0 || (errno != EINPROGRESS && errno != EALREADY) || socket->socket.file.nonblocking)
        {
            return result;
        }
        if (host_clock_monotonic() >= end)
        {
            errno = EINPROGRESS; // it goes on, as after a signal
            return -1;
        }
        if (app_wait(end) != 0)
        {
            return -1;
        }
    }
}

int bind(int fd, const struct sockaddr* address, socklen_t size)
{
    NETWORK_SOCKET* socket = find(fd);
    HOST_ADDRESS local;
    if (socket == NULL || socket_read_address(address, size, &local) != 0)
    {
        return -1;
    }
    return host_result(host_inet_bind(socket->number, &local));
}

int listen(int fd, int backlog)
{
    NETWORK_SOCKET* socket = find(fd);
    (void)backlog;
    return socket == NULL ? -1 : host_result(host_inet_listen(socket->number));
}

int accept4(int fd, struct sockaddr* restrict address, socklen_t* restrict size, int flags)
{
    NETWORK_SOCKET* socket = find(fd);
    HOST_ADDRESS from;
    double end;
    int number;
    if (socket == NULL)
    {
        return -1;
    }
    if ((flags & ~(SOCK_NONBLOCK | SOCK_CLOEXEC)) != 0)
    {
        errno = EINVAL;
        return -1;
    }
    end = socket_end(socket->socket.receive_timeout);
    do
    {
        number = host_result(host_inet_accept(socket->number, &from));
    } while (number < 0 && fd_wait(&socket->socket.file, end) == 0);
    if (number < 0)
    {
        return -1;
    }
    socket_write_address(from, address, size);
    return open_socket(number, &stream_operations, flags);
}

int accept(int fd, struct sockaddr* restrict address, socklen_t* restrict size)
{
    return accept4(fd, address, size, 0);
}

int shutdown(int fd, int how)
{
    NETWORK_SOCKET* socket = find(fd);
    if (socket == NULL)
    {
        return -1;
    }
    if (how != SHUT_RD && how != SHUT_WR && how != SHUT_RDWR)
    {
        errno = EINVAL;
        return -1;
    }
    return host_result(host_inet_shutdown(socket->number, how != SHUT_WR, how != SHUT_RD));
}

static int name_of(int fd, bool peer, struct sockaddr* address, socklen_t* size)
{
    NETWORK_SOCKET* socket = find(fd);
    HOST_ADDRESS found;
    if (socket == NULL)
    {
        return -1;
    }
    if (address == NULL || size == NULL)
    {
        errno = EFAULT;
        return -1;
    }
    if (host_result(host_inet_address(socket->number, peer, &found)) != 0)
    {
        return -1;
    }
    socket_write_address(found, address, size);
    return 0;
}

int getsockname(int fd, struct sockaddr* restrict address, socklen_t* restrict size)
{
    return name_of(fd, false, address, size);
}

int getpeername(int fd, struct sockaddr* restrict address, socklen_t* restrict size)
{
    return name_of(fd, true, address, size);
}
