// What the C library allocates with: its own leaves errno as it is, and gives blocks that are too small for the largest sizes. As on the
// device, no block is larger than PTRDIFF_MAX.
#include <errno.h>
#include <malloc.h>
#include <stdint.h>
#include <stdlib.h>

extern void* __real_malloc(size_t size);
extern void* __real_calloc(size_t count, size_t size);
extern void* __real_realloc(void* block, size_t size);
extern void* __real_aligned_alloc(size_t alignment, size_t size);
extern void* __real_memalign(size_t alignment, size_t size);

static void* told(void* block)
{
    if (block == NULL)
    {
        errno = ENOMEM;
    }
    return block;
}

void* malloc(size_t size)
{
    return told(size > PTRDIFF_MAX ? NULL : __real_malloc(size));
}

void* calloc(size_t count, size_t size)
{
    return told(size > 0 && count > PTRDIFF_MAX / size ? NULL : __real_calloc(count, size));
}

void* realloc(void* block, size_t size)
{
    void* moved = size > PTRDIFF_MAX ? NULL : __real_realloc(block, size);
    // With a size of 0 the block is freed, and there is none.
    return size == 0 ? moved : told(moved);
}

void* aligned_alloc(size_t alignment, size_t size)
{
    return told(size > PTRDIFF_MAX ? NULL : __real_aligned_alloc(alignment, size));
}

void* memalign(size_t alignment, size_t size)
{
    return told(size > PTRDIFF_MAX ? NULL : __real_memalign(alignment, size));
}
