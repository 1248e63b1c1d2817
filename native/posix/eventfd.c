// eventfd: a counter that is a file.
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "fd_table.h"

typedef struct COUNTER_FILE_TAG
{
    OPEN_FILE file;
    uint64_t count;
    bool one_by_one; // EFD_SEMAPHORE
} COUNTER_FILE;

#define HIGHEST_COUNT (UINT64_MAX - 1)

static short counter_ready(OPEN_FILE* file)
{
    uint64_t count = ((COUNTER_FILE*)file)->count;
    return (short)((count > 0 ? POLLIN : 0) | (count < HIGHEST_COUNT ? POLLOUT : 0));
}

static ssize_t counter_read(OPEN_FILE* file, void* buffer, size_t size)
{
    COUNTER_FILE* counter = (COUNTER_FILE*)file;
    uint64_t taken = counter->one_by_one ? 1 : counter->count;
    if (size < sizeof(taken) || counter->count == 0)
    {
        errno = size < sizeof(taken) ? EINVAL : EAGAIN;
        return -1;
    }
    counter->count -= taken;
    (void)memcpy(buffer, &taken, sizeof(taken));
    return sizeof(taken);
}

static ssize_t counter_write(OPEN_FILE* file, const void* bytes, size_t size)
{
    COUNTER_FILE* counter = (COUNTER_FILE*)file;
    uint64_t added = UINT64_MAX;
    if (size >= sizeof(added))
    {
        (void)memcpy(&added, bytes, sizeof(added));
    }
    if (added == UINT64_MAX || added > HIGHEST_COUNT - counter->count)
    {
        errno = added == UINT64_MAX ? EINVAL : EAGAIN;
        return -1;
    }
    counter->count += added;
    return sizeof(added);
}

static void counter_close(OPEN_FILE* file)
{
    free(file);
}

static const FILE_OPERATIONS counter_operations = {
    .read = counter_read, .write = counter_write, .ready = counter_ready, .close = counter_close};

int eventfd(unsigned int count, int flags)
{
    COUNTER_FILE* counter = calloc(1, sizeof(COUNTER_FILE));
    if (counter == NULL)
    {
        errno = ENOMEM;
        return -1;
    }
    counter->count = count;
    counter->one_by_one = (flags & EFD_SEMAPHORE) != 0;
    return fd_open(&counter->file, &counter_operations, (flags & EFD_NONBLOCK) != 0);
}

int eventfd_read(int fd, eventfd_t* value)
{
    return read(fd, value, sizeof(*value)) == sizeof(*value) ? 0 : -1;
}

int eventfd_write(int fd, eventfd_t value)
{
    return write(fd, &value, sizeof(value)) == sizeof(value) ? 0 : -1;
}
