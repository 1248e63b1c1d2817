// What a process may take, and how it makes files: neither can be changed to any effect.
#define _GNU_SOURCE
#include <errno.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "fd_table.h"
#include "refuse.h"

int getrlimit(int resource, struct rlimit* result)
{
    rlim_t limit = resource == RLIMIT_NOFILE ? FD_COUNT : resource == RLIMIT_CORE ? 0 : RLIM_INFINITY;
    if (resource < 0 || resource >= RLIM_NLIMITS)
    {
        errno = EINVAL;
        return -1;
    }
    *result = (struct rlimit){.rlim_cur = limit, .rlim_max = limit};
    return 0;
}

int setrlimit(int resource, const struct rlimit* limit)
{
    struct rlimit now;
    if (getrlimit(resource, &now) != 0)
    {
        return -1;
    }
    return limit->rlim_cur == now.rlim_cur && limit->rlim_max == now.rlim_max
               ? 0
               : REFUSE(EPERM, "the limits of an app are fixed; the heap's is the launch option heapLimit");
}

mode_t umask(mode_t mask)
{
    static mode_t current = S_IWGRP | S_IWOTH;
    mode_t old = current;
    current = mask & (S_IRWXU | S_IRWXG | S_IRWXO);
    return old;
}
