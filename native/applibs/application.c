#include <applibs/application.h>

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "fd_table.h"
#include "host.h"
#include "host_error.h"
#include "wait.h"

int Application_IsDeviceAuthReady(bool* outIsDeviceAuthReady)
{
    if (outIsDeviceAuthReady == NULL)
    {
        errno = EFAULT;
        return -1;
    }
    *outIsDeviceAuthReady = host_app_device_auth_ready() == 1;
    return 0;
}

// ---- sockets to the real-time cores

#define LARGEST_MESSAGE 1040 // with 16 bytes of the transport

typedef struct PARTNER_TAG
{
    OPEN_FILE file;
    int connection;
    double timeout; // milliseconds that recv waits at most; 0: without end
} PARTNER;

static short partner_ready(OPEN_FILE* file)
{
    return (short)(POLLOUT | (host_partner_waiting(((PARTNER*)file)->connection) > 0 ? POLLIN : 0));
}

static ssize_t partner_read(OPEN_FILE* file, void* buffer, size_t size)
{
    int count = host_partner_receive(((PARTNER*)file)->connection, buffer, size);
    if (count < 0)
    {
        errno = EAGAIN;
    }
    return count;
}

static ssize_t partner_write(OPEN_FILE* file, const void* bytes, size_t size)
{
    if (size > LARGEST_MESSAGE)
    {
        errno = EMSGSIZE;
        return -1;
    }
    return host_result(host_partner_send(((PARTNER*)file)->connection, bytes, size));
}

static void partner_close(OPEN_FILE* file)
{
    host_partner_close(((PARTNER*)file)->connection);
    free(file);
}

static const FILE_OPERATIONS partner_operations = {
    .read = partner_read, .write = partner_write, .ready = partner_ready, .close = partner_close};

static PARTNER* find(int fd)
{
    OPEN_FILE* file = fd_find(fd);
    if (file != NULL && file->operations != &partner_operations)
    {
        errno = ENOTSOCK;
        return NULL;
    }
    return (PARTNER*)file;
}

int Application_Connect(const char* componentId)
{
    PARTNER* partner;
    int connection;
    if (componentId == NULL)
    {
        errno = EFAULT;
        return -1;
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
        errno = ENOMEM;
        return -1;
    }
    partner->connection = connection;
    return fd_open(&partner->file, &partner_operations, false);
}

ssize_t send(int fd, const void* bytes, size_t size, int flags)
{
    (void)flags;
    return find(fd) == NULL ? -1 : write(fd, bytes, size);
}

ssize_t recv(int fd, void* buffer, size_t size, int flags)
{
    PARTNER* partner = find(fd);
    double end;
    ssize_t count;
    if (partner == NULL)
    {
        return -1;
    }
    end = partner->timeout > 0 ? host_clock_monotonic() + partner->timeout : INFINITY;
    for (;;)
    {
        count = partner_read(&partner->file, buffer, size);
        if (count >= 0 || (flags & MSG_DONTWAIT) != 0 || partner->file.nonblocking || host_clock_monotonic() >= end)
        {
            return count;
        }
        if (app_wait(end) != 0)
        {
            return -1;
        }
    }
}

int setsockopt(int fd, int level, int name, const void* value, socklen_t size)
{
    PARTNER* partner = find(fd);
    const struct timeval* timeout = value;
    if (partner == NULL)
    {
        return -1;
    }
    if (level != SOL_SOCKET || (name != SO_RCVTIMEO && name != SO_SNDTIMEO) || size < sizeof(*timeout))
    {
        errno = ENOPROTOOPT;
        return -1;
    }
    if (name == SO_RCVTIMEO)
    {
        partner->timeout = (double)timeout->tv_sec * 1000 + (double)timeout->tv_usec / 1000;
    }
    return 0;
}
