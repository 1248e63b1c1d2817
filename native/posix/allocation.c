// What the C library allocates with: its own leaves errno as it is, and calloc multiplies without a look, and gives a block
// that is too small.
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>

extern void* __real_malloc(size_t size);
extern void* __real_calloc(size_t count, size_t size);
extern void* __real_realloc(void* block, size_t size);
extern void* __real_aligned_alloc(size_t alignment, size_t size);

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
    return told(__real_malloc(size));
}

void* calloc(size_t count, size_t size)
{
    return told(size > 0 && count > SIZE_MAX / size ? NULL : __real_calloc(count, size));
}

void* realloc(void* block, size_t size)
{
    void* moved = __real_realloc(block, size);
    // With a size of 0 the block is freed, and there is none.
    return size == 0 ? moved : told(moved);
}

void* aligned_alloc(size_t alignment, size_t size)
{
    return told(__real_aligned_alloc(alignment, size));
}
