// How large file systems are is not known here.
#define _GNU_SOURCE
#include <errno.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>

#include "refuse.h"

#define NOT_KNOWN \
    REFUSE(ENOSYS, "there is no file system with a size; the mutable file's limit is the manifest's MutableStorage")

int statvfs(const char* restrict path, struct statvfs* restrict result)
{
    (void)path;
    (void)result;
    return NOT_KNOWN;
}

int fstatvfs(int fd, struct statvfs* result)
{
    (void)fd;
    (void)result;
    return NOT_KNOWN;
}

int statfs(const char* path, struct statfs* result)
{
    (void)path;
    (void)result;
    return NOT_KNOWN;
}

int fstatfs(int fd, struct statfs* result)
{
    (void)fd;
    (void)result;
    return NOT_KNOWN;
}
