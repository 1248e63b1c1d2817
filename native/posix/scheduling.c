// Scheduling. Nothing runs beside an app, so yielding only lets time pass. What musl answers with ENOSYS, it does here too.
#define _GNU_SOURCE
#include <errno.h>
#include <sched.h>
#include <string.h>
#include <threads.h>

#include "host.h"
#include "refuse.h"

#define AS_DEVICE REFUSE(ENOSYS, "the device's C library does not have it either")
#define HIGHEST_PRIORITY 99
#define SLICE 100000000L // ns

int sched_yield(void)
{
    host_app_system_call();
    return 0;
}

static int priority(int policy, int real_time)
{
    if (policy == SCHED_FIFO || policy == SCHED_RR)
    {
        return real_time;
    }
    if (policy == SCHED_OTHER || policy == SCHED_BATCH || policy == SCHED_IDLE)
    {
        return 0;
    }
    errno = EINVAL;
    return -1;
}

int sched_get_priority_max(int policy)
{
    return priority(policy, HIGHEST_PRIORITY);
}

int sched_get_priority_min(int policy)
{
    return priority(policy, 1);
}

int sched_rr_get_interval(pid_t process, struct timespec* interval)
{
    (void)process;
    *interval = (struct timespec){.tv_nsec = SLICE};
    return 0;
}

int sched_getscheduler(pid_t process)
{
    (void)process;
    return AS_DEVICE;
}

int sched_setscheduler(pid_t process, int policy, const struct sched_param* parameters)
{
    (void)process;
    (void)policy;
    (void)parameters;
    return AS_DEVICE;
}

int sched_getparam(pid_t process, struct sched_param* parameters)
{
    (void)process;
    (void)parameters;
    return AS_DEVICE;
}

int sched_setparam(pid_t process, const struct sched_param* parameters)
{
    (void)process;
    (void)parameters;
    return AS_DEVICE;
}

// What CPU_COUNT calls.
int __sched_cpucount(size_t size, const cpu_set_t* set)
{
    int count = 0;
    for (size_t i = 0; i < size; i++)
    {
        count += __builtin_popcount(((const unsigned char*)set)[i]);
    }
    return count;
}

// There is one processor, number 0.
int sched_getcpu(void)
{
    return 0;
}

int sched_getaffinity(pid_t process, size_t size, cpu_set_t* set)
{
    (void)process;
    (void)memset(set, 0, size);
    CPU_SET_S(0, size, set);
    return 0;
}

int sched_setaffinity(pid_t process, size_t size, const cpu_set_t* set)
{
    (void)process;
    errno = EINVAL;
    return CPU_ISSET_S(0, size, set) ? 0 : -1;
}

void thrd_yield(void)
{
    (void)sched_yield();
}
