// The one process leads its group and its session.
#define _GNU_SOURCE
#include <errno.h>
#include <sys/resource.h>
#include <unistd.h>

#include "refuse.h"

#define PARENT 1

static pid_t own(pid_t process)
{
    if (process == 0 || process == getpid())
    {
        return getpid();
    }
    errno = ESRCH;
    return -1;
}

pid_t getppid(void)
{
    return PARENT;
}

pid_t getpgid(pid_t process)
{
    return own(process);
}

pid_t getpgrp(void)
{
    return getpid();
}

pid_t getsid(pid_t process)
{
    return own(process);
}

// The answer of Linux to the leader of a group.
pid_t setsid(void)
{
    errno = EPERM;
    return -1;
}

int setpgid(pid_t process, pid_t group)
{
    if (own(process) < 0)
    {
        return -1;
    }
    errno = EPERM;
    return group == 0 || group == getpid() ? 0 : -1;
}

int getpriority(int which, id_t who)
{
    (void)which;
    (void)who;
    return 0;
}

int setpriority(int which, id_t who, int priority)
{
    (void)which;
    (void)who;
    return priority == 0 ? 0 : REFUSE(EACCES, "there is nothing that runs beside an app");
}

int nice(int increment)
{
    return increment == 0 ? 0 : REFUSE(EPERM, "there is nothing that runs beside an app");
}
