// What every socket does: send, recv and their like. Messages of several parts are in socket_messages.c, options in socket_options.c.
#include "socket.h"

#include <arpa/inet.h>
#include <errno.h>
#include <math.h>
#include <netinet/in.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>

#include "app_log.h"

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
        (void)app_log_printf("[sphere-iot] The app wrote to a connection that is closed, and SIGPIPE ends it: "
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
