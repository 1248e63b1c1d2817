// Random bytes from the host, by the names that the C library has for them.
#include <errno.h>
#include <sys/random.h>
#include <unistd.h>
#include <wasi/api.h>

#include "host.h"

#define MAX_ENTROPY 256 // bytes of a call, as on Linux

int getentropy(void* buffer, size_t size)
{
    if (size > MAX_ENTROPY)
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
