// cacheflush(2): newer versions of Emscripten have no such header.
#ifndef SPHERE_IOT_SYS_CACHECTL_H
#define SPHERE_IOT_SYS_CACHECTL_H

#if __has_include_next(<sys/cachectl.h>)
#include_next <sys/cachectl.h>
#else

#ifdef __cplusplus
extern "C" {
#endif

#define ICACHE (1 << 0)
#define DCACHE (1 << 1)
#define BCACHE (ICACHE | DCACHE)
#define CACHEABLE 0
#define UNCACHEABLE 1

int cachectl(void* address, int size, int operation);
int cacheflush(void* address, int size, int cache);
int _flush_cache(void* address, int size, int cache);

#ifdef __cplusplus
}
#endif

#endif
#endif
