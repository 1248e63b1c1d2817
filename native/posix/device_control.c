// There are no terminals and no driver calls.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "refuse.h"

// FIONBIO only.
int ioctl(int fd, int request, ...)
{
    int flags = fcntl(fd, F_GETFL);
    va_list arguments;
    const int* on;
    if (flags < 0)
    {
        return -1;
    }
    if (request != FIONBIO)
    {
        return REFUSE(ENOTTY, "an app has no terminal and no driver; of ioctl's requests there is FIONBIO");
    }
    va_start(arguments, request);
    on = va_arg(arguments, const int*);
    va_end(arguments);
    return fcntl(fd, F_SETFL, *on != 0 ? flags | O_NONBLOCK : flags & ~O_NONBLOCK);
}

int isatty(int fd)
{
    if (fcntl(fd, F_GETFD) == 0)
    {
        errno = ENOTTY;
    }
    return 0;
}

int ttyname_r(int fd, char* name, size_t size)
{
    (void)name;
    (void)size;
    (void)isatty(fd);
    return errno;
}

char* ttyname(int fd)
{
    (void)isatty(fd);
    return NULL;
}

// Nobody else has the file.
int flock(int fd, int operation)
{
    (void)operation;
    return fcntl(fd, F_GETFD);
}

// Advice that is of no use is taken.
int posix_fadvise(int fd, off_t offset, off_t size, int advice)
{
    (void)offset;
    (void)size;
    (void)advice;
    return fcntl(fd, F_GETFD) == 0 ? 0 : EBADF;
}
