// personality(2): newer versions of Emscripten have no such header.
#ifndef SPHERE_IOT_SYS_PERSONALITY_H
#define SPHERE_IOT_SYS_PERSONALITY_H

#if __has_include_next(<sys/personality.h>)
#include_next <sys/personality.h>
#else

#ifdef __cplusplus
extern "C" {
#endif

#define PER_LINUX 0
#define PER_LINUX32 0x0008
#define PER_MASK 0x00ff
#define ADDR_NO_RANDOMIZE 0x0040000
#define MMAP_PAGE_ZERO 0x0100000
#define READ_IMPLIES_EXEC 0x0400000

int personality(unsigned long persona);

#ifdef __cplusplus
}
#endif

#endif
#endif
