// klogctl(3): newer versions of Emscripten have no such header.
#ifndef SPHERE_IOT_SYS_KLOG_H
#define SPHERE_IOT_SYS_KLOG_H

#if __has_include_next(<sys/klog.h>)
#include_next <sys/klog.h>
#else

#ifdef __cplusplus
extern "C" {
#endif

int klogctl(int type, char* buffer, int size);

#ifdef __cplusplus
}
#endif

#endif
#endif
