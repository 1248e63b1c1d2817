// sendfile(2): Emscripten has no such header.
#ifndef SPHERE_IOT_SYS_SENDFILE_H
#define SPHERE_IOT_SYS_SENDFILE_H

#include <sys/types.h>
#include <unistd.h>

#ifdef __cplusplus
extern "C" {
#endif

ssize_t sendfile(int to, int from, off_t* offset, size_t count);

#ifdef __cplusplus
}
#endif

#endif
