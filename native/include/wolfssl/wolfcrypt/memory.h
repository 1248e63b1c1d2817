// Memory of the library: the app's heap. Allocators of an app's own can't be set.
#ifndef WOLFSSL_WOLFCRYPT_MEMORY_H
#define WOLFSSL_WOLFCRYPT_MEMORY_H

#include <stddef.h>

#include <wolfssl/wolfcrypt/types.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef void* (*wolfSSL_Malloc_cb)(size_t size);
typedef void (*wolfSSL_Free_cb)(void* memory);
typedef void* (*wolfSSL_Realloc_cb)(void* memory, size_t size);

// As malloc, realloc and free.
void* wolfSSL_Malloc(size_t size);
void* wolfSSL_Realloc(void* memory, size_t size);
void wolfSSL_Free(void* memory);

#ifdef __cplusplus
}
#endif

#endif
