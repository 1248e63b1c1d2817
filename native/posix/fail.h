// How a function of POSIX or of the applibs says that it fails.
#ifndef SPHERE_IOT_FAIL_H
#define SPHERE_IOT_FAIL_H

#include <errno.h>

// Sets errno, and returns -1.
static inline int fail(int error)
{
    errno = error;
    return -1;
}

#endif
