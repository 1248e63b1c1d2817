// posix_memalign returns the number of an error, which the C library takes from WASI.
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>

extern int __real_posix_memalign(void** memory, size_t alignment, size_t size);

int posix_memalign(void** memory, size_t alignment, size_t size)
{
    if (alignment < sizeof(void*) || (alignment & (alignment - 1)) != 0)
    {
        return EINVAL;
    }
    return size <= PTRDIFF_MAX && __real_posix_memalign(memory, alignment, size) == 0 ? 0 : ENOMEM;
}
