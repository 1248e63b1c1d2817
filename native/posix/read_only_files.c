// The file system cannot be changed: an app has the image package to read, and one mutable file.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>
#include <utime.h>

#include "refuse.h"

#define READ_ONLY REFUSE(EROFS, "an app can write to its mutable file only, and the file system is read-only")

int mkdir(const char* path, mode_t mode)
{
    (void)path;
    (void)mode;
    return READ_ONLY;
}

int mkdirat(int folder, const char* path, mode_t mode)
{
    (void)folder;
    (void)path;
    (void)mode;
    return READ_ONLY;
}

int rmdir(const char* path)
{
    (void)path;
    return READ_ONLY;
}

int link(const char* from, const char* to)
{
    (void)from;
    (void)to;
    return READ_ONLY;
}

int linkat(int from_folder, const char* from, int to_folder, const char* to, int flags)
{
    (void)from_folder;
    (void)from;
    (void)to_folder;
    (void)to;
    (void)flags;
    return READ_ONLY;
}

int symlink(const char* target, const char* path)
{
    (void)target;
    (void)path;
    return READ_ONLY;
}

int symlinkat(const char* target, int folder, const char* path)
{
    (void)target;
    (void)folder;
    (void)path;
    return READ_ONLY;
}

int rename(const char* from, const char* to)
{
    (void)from;
    (void)to;
    return READ_ONLY;
}

int renameat(int from_folder, const char* from, int to_folder, const char* to)
{
    (void)from_folder;
    (void)from;
    (void)to_folder;
    (void)to;
    return READ_ONLY;
}

int mknod(const char* path, mode_t mode, dev_t device)
{
    (void)path;
    (void)mode;
    (void)device;
    return READ_ONLY;
}

int mknodat(int folder, const char* path, mode_t mode, dev_t device)
{
    (void)folder;
    (void)path;
    (void)mode;
    (void)device;
    return READ_ONLY;
}

int mkfifo(const char* path, mode_t mode)
{
    (void)path;
    (void)mode;
    return READ_ONLY;
}

int mkfifoat(int folder, const char* path, mode_t mode)
{
    (void)folder;
    (void)path;
    (void)mode;
    return READ_ONLY;
}

int chmod(const char* path, mode_t mode)
{
    (void)path;
    (void)mode;
    return READ_ONLY;
}

int fchmod(int fd, mode_t mode)
{
    (void)fd;
    (void)mode;
    return READ_ONLY;
}

int fchmodat(int folder, const char* path, mode_t mode, int flags)
{
    (void)folder;
    (void)path;
    (void)mode;
    (void)flags;
    return READ_ONLY;
}

int lchmod(const char* path, mode_t mode)
{
    (void)path;
    (void)mode;
    return READ_ONLY;
}

int chown(const char* path, uid_t user, gid_t group)
{
    (void)path;
    (void)user;
    (void)group;
    return READ_ONLY;
}

int fchown(int fd, uid_t user, gid_t group)
{
    (void)fd;
    (void)user;
    (void)group;
    return READ_ONLY;
}

int lchown(const char* path, uid_t user, gid_t group)
{
    (void)path;
    (void)user;
    (void)group;
    return READ_ONLY;
}

int fchownat(int folder, const char* path, uid_t user, gid_t group, int flags)
{
    (void)folder;
    (void)path;
    (void)user;
    (void)group;
    (void)flags;
    return READ_ONLY;
}

int utimensat(int folder, const char* path, const struct timespec times[2], int flags)
{
    (void)folder;
    (void)path;
    (void)times;
    (void)flags;
    return READ_ONLY;
}

int futimens(int fd, const struct timespec times[2])
{
    (void)fd;
    (void)times;
    return READ_ONLY;
}

int utime(const char* path, const struct utimbuf* times)
{
    (void)path;
    (void)times;
    return READ_ONLY;
}

int utimes(const char* path, const struct timeval times[2])
{
    (void)path;
    (void)times;
    return READ_ONLY;
}

int futimesat(int folder, const char* path, const struct timeval times[2])
{
    (void)folder;
    (void)path;
    (void)times;
    return READ_ONLY;
}

int posix_fallocate(int fd, off_t offset, off_t size)
{
    (void)fd;
    (void)offset;
    (void)size;
    (void)REFUSE(EOPNOTSUPP, "the mutable file grows as it is written");
    return EOPNOTSUPP;
}
