// pipe: bytes from one descriptor to another, inside the app.
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fd_table.h"

#define PIPE_SIZE 4096

typedef struct PIPE_TAG
{
    unsigned char bytes[PIPE_SIZE];
    size_t first;
    size_t count;
    int ends; // that are open
} PIPE;

typedef struct PIPE_END_TAG
{
    OPEN_FILE file;
    PIPE* pipe;
} PIPE_END;

static short reading_ready(OPEN_FILE* file)
{
    const PIPE* pipe = ((PIPE_END*)file)->pipe;
    return (short)((pipe->count > 0 ? POLLIN : 0) | (pipe->ends < 2 ? POLLHUP : 0));
}

static short writing_ready(OPEN_FILE* file)
{
    const PIPE* pipe = ((PIPE_END*)file)->pipe;
    return (short)((pipe->count < PIPE_SIZE ? POLLOUT : 0) | (pipe->ends < 2 ? POLLERR : 0));
}

static ssize_t pipe_read(OPEN_FILE* file, void* buffer, size_t size)
{
    PIPE* pipe = ((PIPE_END*)file)->pipe;
    size_t count = size < pipe->count ? size : pipe->count;
    if (pipe->count == 0 && pipe->ends == 2)
    {
        errno = EAGAIN;
        return -1;
    }
    for (size_t i = 0; i < count; i++)
    {
        ((unsigned char*)buffer)[i] = pipe->bytes[(pipe->first + i) % PIPE_SIZE];
    }
    pipe->first = (pipe->first + count) % PIPE_SIZE;
    pipe->count -= count;
    return (ssize_t)count;
}

static ssize_t pipe_write(OPEN_FILE* file, const void* bytes, size_t size)
{
    PIPE* pipe = ((PIPE_END*)file)->pipe;
    size_t room = PIPE_SIZE - pipe->count;
    size_t count = size < room ? size : room;
    if (pipe->ends < 2 || (count == 0 && size > 0))
    {
        errno = pipe->ends < 2 ? EPIPE : EAGAIN;
        return -1;
    }
    for (size_t i = 0; i < count; i++)
    {
        pipe->bytes[(pipe->first + pipe->count + i) % PIPE_SIZE] = ((const unsigned char*)bytes)[i];
    }
    pipe->count += count;
    return (ssize_t)count;
}

static void pipe_close(OPEN_FILE* file)
{
    PIPE* pipe = ((PIPE_END*)file)->pipe;
    if (--pipe->ends == 0)
    {
        free(pipe);
    }
    free(file);
}

static void pipe_status(OPEN_FILE* file, struct stat* status)
{
    (void)file;
    status->st_mode = S_IFIFO | S_IRUSR | S_IWUSR;
}

static ssize_t writing_read(OPEN_FILE* file, void* buffer, size_t size)
{
    (void)file;
    (void)buffer;
    (void)size;
    errno = EBADF;
    return -1;
}

static ssize_t reading_write(OPEN_FILE* file, const void* bytes, size_t size)
{
    (void)file;
    (void)bytes;
    (void)size;
    errno = EBADF;
    return -1;
}

static const FILE_OPERATIONS reading_operations = {
    .read = pipe_read, .write = reading_write, .ready = reading_ready, .status = pipe_status, .close = pipe_close};
static const FILE_OPERATIONS writing_operations = {
    .read = writing_read, .write = pipe_write, .ready = writing_ready, .status = pipe_status, .close = pipe_close};

int pipe2(int fds[2], int flags)
{
    bool nonblocking = (flags & O_NONBLOCK) != 0;
    PIPE* shared = calloc(1, sizeof(PIPE));
    PIPE_END* reading = calloc(1, sizeof(PIPE_END));
    PIPE_END* writing = calloc(1, sizeof(PIPE_END));
    if (shared == NULL || reading == NULL || writing == NULL)
    {
        free(shared);
        free(reading);
        free(writing);
        errno = ENOMEM;
        return -1;
    }
    shared->ends = 2;
    reading->pipe = shared;
    writing->pipe = shared;
    fds[0] = fd_open(&reading->file, &reading_operations, nonblocking);
    fds[1] = fd_open(&writing->file, &writing_operations, nonblocking);
    if (fds[0] < 0 || fds[1] < 0)
    {
        (void)(fds[0] >= 0 && close(fds[0]));
        errno = EMFILE;
        return -1;
    }
    return 0;
}

int pipe(int fds[2])
{
    return pipe2(fds, 0);
}
