#include "heap.h"

#include <malloc.h>

size_t sphere_heap_in_use(void)
{
    return (size_t)mallinfo().uordblks;
}
