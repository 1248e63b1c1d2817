// swapon(2): newer versions of Emscripten have no such header.
#ifndef SPHERE_IOT_SYS_SWAP_H
#define SPHERE_IOT_SYS_SWAP_H

#if __has_include_next(<sys/swap.h>)
#include_next <sys/swap.h>
#else

#ifdef __cplusplus
extern "C" {
#endif

#define SWAP_FLAG_PREFER 0x8000
#define SWAP_FLAG_PRIO_MASK 0x7fff
#define SWAP_FLAG_PRIO_SHIFT 0
#define SWAP_FLAG_DISCARD 0x10000

int swapoff(const char* path);
int swapon(const char* path, int flags);

#ifdef __cplusplus
}
#endif

#endif
#endif
