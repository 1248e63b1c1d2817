// getauxval(3): newer versions of Emscripten have no such header.
#ifndef SPHERE_IOT_SYS_AUXV_H
#define SPHERE_IOT_SYS_AUXV_H

#if __has_include_next(<sys/auxv.h>)
#include_next <sys/auxv.h>
#else

#ifdef __cplusplus
extern "C" {
#endif

#define AT_NULL 0
#define AT_PHDR 3
#define AT_PAGESZ 6
#define AT_UID 11
#define AT_EUID 12
#define AT_GID 13
#define AT_EGID 14
#define AT_PLATFORM 15
#define AT_HWCAP 16
#define AT_CLKTCK 17
#define AT_SECURE 23
#define AT_RANDOM 25
#define AT_HWCAP2 26

unsigned long getauxval(unsigned long type);

#ifdef __cplusplus
}
#endif

#endif
#endif
