// Semaphores, for the same waits as condition variables (conditions.c): signal handlers and timers post. The C
// library's never wait.
#include <errno.h>
#include <limits.h>
#include <math.h>
#include <semaphore.h>
#include <time.h>

#include "clock.h"
#include "fail.h"
#include "host.h"
#include "timespec.h"
#include "wait.h"

// 0; -1 with EINTR, or with ETIMEDOUT.
static int wait_until(sem_t* semaphore, double until)
{
    while (semaphore->__val[0] <= 0)
    {
        if (host_clock_monotonic() >= until)
        {
            return fail(ETIMEDOUT);
        }
        if (app_wait(until) != 0 && semaphore->__val[0] <= 0)
        {
            return -1;
        }
    }
    semaphore->__val[0]--;
    return 0;
}

int sem_init(sem_t* semaphore, int shared, unsigned value)
{
    (void)shared;
    if (value > INT_MAX)
    {
        return fail(EINVAL);
    }
    *semaphore = (sem_t){.__val = {(int)value}};
    return 0;
}

int sem_post(sem_t* semaphore)
{
    if (semaphore->__val[0] == INT_MAX)
    {
        return fail(EOVERFLOW);
    }
    semaphore->__val[0]++;
    return 0;
}

int sem_wait(sem_t* semaphore)
{
    return wait_until(semaphore, INFINITY);
}

int sem_trywait(sem_t* semaphore)
{
    host_app_system_call();
    if (semaphore->__val[0] <= 0)
    {
        return fail(EAGAIN);
    }
    semaphore->__val[0]--;
    return 0;
}

int sem_timedwait(sem_t* restrict semaphore, const struct timespec* restrict until)
{
    if (until->tv_nsec < 0 || until->tv_nsec >= 1000000000L)
    {
        return fail(EINVAL);
    }
    return wait_until(semaphore, host_clock_monotonic() + timespec_milliseconds(until) - app_calendar_time());
}

int sem_getvalue(sem_t* restrict semaphore, int* restrict value)
{
    *value = semaphore->__val[0];
    return 0;
}
