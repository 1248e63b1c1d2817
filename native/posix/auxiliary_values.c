// getauxval(3): the auxiliary vector, with which Linux starts a program. Newer versions of Emscripten have no such function.
#include <errno.h>
#include <sys/auxv.h>
#include <unistd.h>

unsigned long getauxval(unsigned long type)
{
    switch (type)
    {
        case AT_PAGESZ:
            return (unsigned long)sysconf(_SC_PAGESIZE);
        case AT_CLKTCK:
            return (unsigned long)sysconf(_SC_CLK_TCK);
        case AT_UID:
        case AT_EUID:
            return getuid();
        case AT_GID:
        case AT_EGID:
            return getgid();
        case AT_SECURE:
            return 0;
        default:
            errno = ENOENT;
            return 0;
    }
}
