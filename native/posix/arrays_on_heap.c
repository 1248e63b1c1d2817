// reallocarray: realloc for an array, whose size in bytes may be more than a number holds.
#define _GNU_SOURCE
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>

void* reallocarray(void* memory, size_t count, size_t size)
{
    if (size != 0 && count > SIZE_MAX / size)
    {
        errno = ENOMEM;
        return NULL;
    }
    return realloc(memory, count * size);
}
