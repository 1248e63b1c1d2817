// applibs/application.h: device authentication, and sockets to the applications of the real-time cores (src/app/host/app/partners.ts).
#include <applibs/application.h>

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "fail.h"
#include "host.h"
#include "host_error.h"
#include "socket.h"

int Application_IsDeviceAuthReady(bool* outIsDeviceAuthReady)
{
    if (outIsDeviceAuthReady == NULL)
    {
        return fail(EFAULT);
    }
    *outIsDeviceAuthReady = host_app_device_auth_ready() == 1;
    return 0;
}

// ---- sockets to the real-time cores

#define MAX_MESSAGE 1040 // with 16 bytes of the transport

typedef struct PARTNER_TAG
{
    SOCKET socket;
    int connection;
} PARTNER;

static short partner_ready(OPEN_FILE* file)
{
    return (short)(POLLOUT | (host_partner_waiting(((PARTNER*)file)->connection) > 0 ? POLLIN : 0));
}

static ssize_t partner_receive(SOCKET* socket, void* buffer, size_t size, int flags, HOST_ADDRESS* from)
{
    int count = host_partner_receive(((PARTNER*)socket)->connection, buffer, size);
    (void)flags;
    *from = (HOST_ADDRESS){0, 0};
    if (count < 0)
    {
        errno = EAGAIN;
    }
    return count;
}

static ssize_t partner_send(SOCKET* socket, const void* bytes, size_t size, const HOST_ADDRESS* to)
{
    (void)to;
    if (size > MAX_MESSAGE)
    {
        return fail(EMSGSIZE);
    }
    return host_result(host_partner_send(((PARTNER*)socket)->connection, bytes, size));
}

static void partner_close(OPEN_FILE* file)
{
    host_partner_close(((PARTNER*)file)->connection);
    free(file);
}

static const SOCKET_OPERATIONS partner_socket = {.type = SOCK_SEQPACKET, .receive = partner_receive, .send = partner_send};
static const FILE_OPERATIONS partner_operations = {.read = socket_read,
                                                   .write = socket_write,
                                                   .waits = true,
                                                   .ready = partner_ready,
                                                   .socket = &partner_socket,
                                                   .close = partner_close};

int Application_Connect(const char* componentId)
{
    PARTNER* partner;
    int connection;
    if (componentId == NULL)
    {
        return fail(EFAULT);
    }
    connection = host_result(host_partner_connect(componentId));
    if (connection < 0)
    {
        return -1;
    }
    partner = calloc(1, sizeof(PARTNER));
    if (partner == NULL)
    {
        host_partner_close(connection);
        return fail(ENOMEM);
    }
    partner->connection = connection;
    return fd_open(&partner->socket.file, &partner_operations, false);
}
