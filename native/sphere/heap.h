// How much of the heap is in use: tests look for what was not freed.
#ifndef SPHERE_IOT_HEAP_H
#define SPHERE_IOT_HEAP_H

#include <stddef.h>

// Bytes in allocated blocks.
size_t sphere_heap_in_use(void);

#endif
