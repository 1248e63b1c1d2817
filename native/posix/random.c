// Random bytes from the host, by the names that the C library has for them.
#include <errno.h>
#include <sys/random.h>
#include <unistd.h>
#include <wasi/api.h>

#include "host.h"

#define MOST 256

int getentropy(void* buffer, size_t size)
{
    if (size > MOST)
    {
        errno = EIO;
        return -1;
    }
    host_random_bytes(buffer, size);
    return 0;
}

ssize_t getrandom(void* buffer, size_t size, unsigned flags)
{
    (void)flags;
    host_random_bytes(buffer, size);
    return (ssize_t)size;
}

__wasi_errno_t __wasi_random_get(uint8_t* buffer, __wasi_size_t size)
{
    host_random_bytes(buffer, size);
    return 0;
}
