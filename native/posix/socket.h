// Sockets: what those of the network (network_socket.c) and those to the real-time cores (applibs/application.c) have in common.
#ifndef SPHERE_IOT_SOCKET_H
#define SPHERE_IOT_SOCKET_H

#include "fd_table.h"
#include "host.h"

// The head of every open socket.
typedef struct SOCKET_TAG
{
    OPEN_FILE file;
    // SO_RCVTIMEO and SO_SNDTIMEO, in milliseconds; 0: without end.
    double receive_timeout;
    double send_timeout;
    // The options that are on: a bit each, by their numbers.
    uint32_t options;     // SOL_SOCKET
    uint32_t tcp_options; // IPPROTO_TCP
} SOCKET;

// What a kind of socket can do. Without `accepting` and `take_error` its answers are 0.
typedef struct SOCKET_OPERATIONS_TAG
{
    int type; // SOCK_…
    // As recvfrom and sendto, but never waiting: -1 with EAGAIN where they would. `to` may be NULL.
    ssize_t (*receive)(SOCKET* socket, void* buffer, size_t size, int flags, HOST_ADDRESS* from);
    ssize_t (*send)(SOCKET* socket, const void* bytes, size_t size, const HOST_ADDRESS* to);
    // SO_ACCEPTCONN.
    int (*accepting)(SOCKET* socket);
    // SO_ERROR: the errno that waits, which is forgotten.
    int (*take_error)(SOCKET* socket);
} SOCKET_OPERATIONS;

// The socket of a descriptor; NULL with EBADF, ENOTSOCK.
SOCKET* socket_find(int fd);
// As recvfrom: waits, unless the socket does not; the count of bytes, or -1 with errno. `from` may be NULL.
ssize_t socket_receive(SOCKET* socket, void* buffer, size_t size, int flags, HOST_ADDRESS* from);
// As sendto, with SIGPIPE where the connection is closed; the count of bytes, or -1 with errno. `to` may be NULL.
ssize_t socket_send(SOCKET* socket, const void* bytes, size_t size, int flags, const HOST_ADDRESS* to);
// The `read` of a socket's FILE_OPERATIONS, which `waits`.
ssize_t socket_read(OPEN_FILE* file, void* buffer, size_t size);
// The same for `write`.
ssize_t socket_write(OPEN_FILE* file, const void* bytes, size_t size);
// When what begins now has waited for `timeout` milliseconds (0: without end), in clock milliseconds.
double socket_end(double timeout);

struct sockaddr;
// Reads the address that an app gives; 0, or -1 with EFAULT, EINVAL, EAFNOSUPPORT.
int socket_read_address(const struct sockaddr* address, size_t size, HOST_ADDRESS* result);
// Writes one for the app, as much of it as there is room for; `address` may be NULL. `size` becomes its whole size.
void socket_write_address(HOST_ADDRESS from, struct sockaddr* address, unsigned* size);

#endif
