// calloc of more than there can be: the C library's multiplies without a look, and gives a block that is too small.
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>

extern void* __real_calloc(size_t count, size_t size);

void* calloc(size_t count, size_t size)
{
    if (size > 0 && count > SIZE_MAX / size)
    {
        errno = ENOMEM;
        return NULL;
    }
    return __real_calloc(count, size);
}
