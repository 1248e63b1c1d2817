// syscall: the calls that programs make because an old C library lacks the function. The others fail with ENOSYS.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "app_log.h"

#define MAXIMUM_NUMBER 512

// The arguments, as registers hold them.
typedef struct
{
    long a, b, c, d;
} registers;

#define POINTER(value) ((void*)(value))

static long refuse_number(long number)
{
    static bool logged[MAXIMUM_NUMBER];
    bool in_table = number >= 0 && number < MAXIMUM_NUMBER;
    if (!in_table || !logged[number])
    {
        (void)app_log_printf(
            "[sphere-iot] syscall(%ld) fails with ENOSYS: there is no kernel here; docs/posix.md lists the calls "
            "that there are.\n",
            number);
    }
    if (in_table)
    {
        logged[number] = true;
    }
    errno = ENOSYS;
    return -1;
}

// As musl's function, an error is the result; as a system call, it is errno.
static long by_errno(int error)
{
    if (error == 0)
    {
        return 0;
    }
    errno = error;
    return -1;
}

static long identity(long number, registers args)
{
    switch (number)
    {
        case SYS_gettid:
        case SYS_getpid:
        case SYS_set_tid_address:
            return getpid();
        case SYS_getppid:
            return getppid();
        case SYS_getpgrp:
            return getpgrp();
        case SYS_getpgid:
            return getpgid((pid_t)args.a);
        case SYS_getsid:
            return getsid((pid_t)args.a);
        case SYS_getuid:
        case SYS_geteuid:
            return (long)getuid();
        case SYS_getgid:
        case SYS_getegid:
            return (long)getgid();
        case SYS_uname:
            return uname(POINTER(args.a));
        case SYS_getrusage:
            return getrusage((int)args.a, POINTER(args.b));
        case SYS_umask:
            return (long)umask((mode_t)args.a);
        default:
            return refuse_number(number);
    }
}

static long files(long number, registers args)
{
    switch (number)
    {
        case SYS_read:
            return read((int)args.a, POINTER(args.b), (size_t)args.c);
        case SYS_write:
            return write((int)args.a, POINTER(args.b), (size_t)args.c);
        case SYS_open:
            return open(POINTER(args.a), (int)args.b, (mode_t)args.c);
        case SYS_openat:
            return openat((int)args.a, POINTER(args.b), (int)args.c, (mode_t)args.d);
        case SYS_close:
            return close((int)args.a);
        case SYS_lseek:
            return (long)lseek((int)args.a, (off_t)args.b, (int)args.c);
        case SYS_access:
            return access(POINTER(args.a), (int)args.b);
        case SYS_fsync:
            return fsync((int)args.a);
        case SYS_fdatasync:
            return fdatasync((int)args.a);
        case SYS_sync:
            sync();
            return 0;
        case SYS_pipe:
            return pipe(POINTER(args.a));
        case SYS_pipe2:
            return pipe2(POINTER(args.a), (int)args.b);
        case SYS_eventfd2:
            return eventfd((unsigned)args.a, (int)args.b);
        case SYS_epoll_create1:
            return epoll_create1((int)args.a);
        case SYS_timerfd_create:
            return timerfd_create((int)args.a, (int)args.b);
        default:
            return identity(number, args);
    }
}

static long get_cpu(unsigned* cpu, unsigned* node)
{
    if (cpu != NULL)
    {
        *cpu = 0;
    }
    if (node != NULL)
    {
        *node = 0;
    }
    return 0;
}

// The process is its only thread.
static long kill_thread(pid_t group, pid_t thread, int signal)
{
    if (group != getpid() || thread != getpid())
    {
        errno = ESRCH;
        return -1;
    }
    return kill(thread, signal);
}

long syscall(long number, ...)
{
    va_list values;
    va_start(values, number);
    const registers args = {va_arg(values, long), va_arg(values, long), va_arg(values, long), va_arg(values, long)};
    va_end(values);
    switch (number)
    {
        case SYS_getrandom:
            return getrandom(POINTER(args.a), (size_t)args.b, (unsigned)args.c);
        case SYS_clock_gettime:
            return clock_gettime((clockid_t)args.a, POINTER(args.b));
        case SYS_clock_getres:
            return clock_getres((clockid_t)args.a, POINTER(args.b));
        case SYS_clock_settime:
            return clock_settime((clockid_t)args.a, POINTER(args.b));
        case SYS_clock_nanosleep:
            return by_errno(clock_nanosleep((clockid_t)args.a, (int)args.b, POINTER(args.c), POINTER(args.d)));
        case SYS_nanosleep:
            return nanosleep(POINTER(args.a), POINTER(args.b));
        case SYS_gettimeofday:
            return gettimeofday(POINTER(args.a), POINTER(args.b));
        case SYS_pause:
            return pause();
        case SYS_sched_yield:
            return sched_yield();
        case SYS_getcpu:
            return get_cpu(POINTER(args.a), POINTER(args.b));
        case SYS_kill:
            return kill((pid_t)args.a, (int)args.b);
        case SYS_tkill:
            return kill_thread(getpid(), (pid_t)args.a, (int)args.b);
        case SYS_tgkill:
            return kill_thread((pid_t)args.a, (pid_t)args.b, (int)args.c);
        case SYS_exit:
        case SYS_exit_group:
            _exit((int)args.a);
        default:
            return files(number, args);
    }
}
