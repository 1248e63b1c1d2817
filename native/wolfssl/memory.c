// Memory: the app's heap.
#include <wolfssl/wolfcrypt/memory.h>

void* wolfSSL_Malloc(size_t size)
{
    return malloc(size);
}

void* wolfSSL_Realloc(void* memory, size_t size)
{
    return realloc(memory, size);
}

void wolfSSL_Free(void* memory)
{
    free(memory);
}
