// ioperm(2): newer versions of Emscripten have no such header.
#ifndef SPHERE_IOT_SYS_IO_H
#define SPHERE_IOT_SYS_IO_H

#if __has_include_next(<sys/io.h>)
#include_next <sys/io.h>
#else

#ifdef __cplusplus
extern "C" {
#endif

int ioperm(unsigned long from, unsigned long count, int on);
int iopl(int level);

#ifdef __cplusplus
}
#endif

#endif
#endif
