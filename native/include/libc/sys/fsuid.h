// setfsuid(2): newer versions of Emscripten have no such header.
#ifndef SPHERE_IOT_SYS_FSUID_H
#define SPHERE_IOT_SYS_FSUID_H

#if __has_include_next(<sys/fsuid.h>)
#include_next <sys/fsuid.h>
#else

#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif

int setfsgid(gid_t group);
int setfsuid(uid_t user);

#ifdef __cplusplus
}
#endif

#endif
#endif
