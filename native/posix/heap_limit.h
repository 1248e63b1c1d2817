// How large the heap is, and may become.
#ifndef SPHERE_IOT_HEAP_LIMIT_H
#define SPHERE_IOT_HEAP_LIMIT_H

#include <stddef.h>

// Bytes that malloc has taken from the operating system.
size_t heap_size(void);

// Bytes in KiB, rounded up.
static inline size_t heap_kilobytes(size_t bytes)
{
    return (bytes + 1023) / 1024;
}

#endif
