#include "fd_table.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <unistd.h>

#include "host.h"
#include "wait.h"

static ssize_t nothing_read(OPEN_FILE* file, void* buffer, size_t size)
{
    (void)file;
    (void)buffer;
    (void)size;
    return 0;
}

static ssize_t log_write(OPEN_FILE* file, const void* bytes, size_t size)
{
    (void)file;
    host_app_log(bytes, size);
    return (ssize_t)size;
}

static const FILE_OPERATIONS input_operations = {.read = nothing_read};
static const FILE_OPERATIONS output_operations = {.write = log_write};

// The standard streams, 0, 1 and 2: nothing comes in, and what goes out is part of the app's log.
static OPEN_FILE standard_input = {.operations = &input_operations, .descriptors = 1};
static OPEN_FILE standard_output = {.operations = &output_operations, .descriptors = 2};
static OPEN_FILE* table[FD_COUNT] = {&standard_input, &standard_output, &standard_output};

static int put(OPEN_FILE* file, int lowest)
{
    for (int fd = lowest; fd < FD_COUNT; fd++)
    {
        if (table[fd] == NULL)
        {
            table[fd] = file;
            file->descriptors++;
            return fd;
        }
    }
    errno = EMFILE;
    return -1;
}

int fd_open(OPEN_FILE* file, const FILE_OPERATIONS* operations, bool nonblocking)
{
    int fd;
    file->operations = operations;
    file->descriptors = 0;
    file->nonblocking = nonblocking;
    fd = put(file, 0);
    if (fd < 0 && operations->close != NULL)
    {
        operations->close(file);
    }
    return fd;
}

OPEN_FILE* fd_find(int fd)
{
    OPEN_FILE* file = fd >= 0 && fd < FD_COUNT ? table[fd] : NULL;
    if (file == NULL)
    {
        errno = EBADF;
    }
    return file;
}

OPEN_FILE* fd_find_kind(int fd, const FILE_OPERATIONS* operations)
{
    OPEN_FILE* file = fd_find(fd);
    if (file != NULL && file->operations != operations)
    {
        errno = EBADF;
        file = NULL;
    }
    return file;
}

short fd_ready(int fd, short wanted)
{
    OPEN_FILE* file = fd >= 0 && fd < FD_COUNT ? table[fd] : NULL;
    short ready;
    if (file == NULL)
    {
        return POLLNVAL;
    }
    ready = file->operations->ready == NULL ? POLLIN | POLLOUT : file->operations->ready(file);
    return (short)(ready & (wanted | POLLERR | POLLHUP));
}

double fd_deadline(int fd)
{
    OPEN_FILE* file = fd >= 0 && fd < FD_COUNT ? table[fd] : NULL;
    return file == NULL || file->operations->deadline == NULL ? INFINITY : file->operations->deadline(file);
}

int fd_wait(const OPEN_FILE* file, double end)
{
    if (errno != EAGAIN || file->nonblocking || host_clock_monotonic() >= end)
    {
        return -1;
    }
    return app_wait(file->operations->deadline == NULL ? end : fmin(end, file->operations->deadline((OPEN_FILE*)file)));
}

int close(int fd)
{
    OPEN_FILE* file = fd_find(fd);
    if (file == NULL)
    {
        return -1;
    }
    table[fd] = NULL;
    if (--file->descriptors == 0 && file->operations->close != NULL)
    {
        file->operations->close(file);
    }
    return 0;
}

int dup(int fd)
{
    OPEN_FILE* file = fd_find(fd);
    return file == NULL ? -1 : put(file, 0);
}

int dup2(int fd, int wanted)
{
    OPEN_FILE* file = fd_find(fd);
    if (file == NULL || wanted < 0 || wanted >= FD_COUNT)
    {
        errno = EBADF;
        return -1;
    }
    if (wanted != fd)
    {
        if (table[wanted] != NULL)
        {
            (void)close(wanted);
        }
        table[wanted] = file;
        file->descriptors++;
    }
    return wanted;
}

// Under this name the C library asks for it too. There is nothing to be executed, so that O_CLOEXEC says nothing.
int __dup3(int fd, int wanted, int flags)
{
    if (wanted == fd || (flags & ~O_CLOEXEC) != 0)
    {
        errno = EINVAL;
        return -1;
    }
    return dup2(fd, wanted);
}

int dup3(int fd, int wanted, int flags)
{
    return __dup3(fd, wanted, flags);
}

int fcntl(int fd, int command, ...)
{
    OPEN_FILE* file = fd_find(fd);
    int argument = 0;
    if (file == NULL)
    {
        return -1;
    }
    // Only these commands come with one: to read one that is not there would be to read through NULL.
    if (command == F_SETFL || command == F_DUPFD || command == F_DUPFD_CLOEXEC)
    {
        va_list arguments;
        va_start(arguments, command);
        argument = va_arg(arguments, int);
        va_end(arguments);
    }
    switch (command)
    {
        case F_GETFL:
            return O_RDWR | (file->nonblocking ? O_NONBLOCK : 0);
        case F_SETFL:
            file->nonblocking = (argument & O_NONBLOCK) != 0;
            return 0;
        case F_GETFD:
        case F_SETFD:
            return 0; // there is nothing to be executed, so nothing to be closed for it
        case F_DUPFD:
        case F_DUPFD_CLOEXEC:
            return put(file, argument);
        default:
            errno = EINVAL;
            return -1;
    }
}
