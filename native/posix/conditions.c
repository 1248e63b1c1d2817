// Condition variables. There are no threads, but signal handlers and timers, which run where the app waits, can signal one. The C
// library's return at once.
#include <errno.h>
#include <math.h>
#include <pthread.h>
#include <time.h>

#include "clock.h"
#include "host.h"
#include "timespec.h"
#include "wait.h"

// Grows with each signal.
static volatile int* sequence_of(pthread_cond_t* condition)
{
    return &condition->__u.__vi[2];
}

// The clock of its timed waits.
static volatile int* clock_of(pthread_cond_t* condition)
{
    return &condition->__u.__vi[4];
}

static int wait_for_signal(pthread_cond_t* condition, double until)
{
    int kept = errno;
    int sequence = *sequence_of(condition);
    int result = 0;
    while (result == 0 && *sequence_of(condition) == sequence)
    {
        if (host_clock_monotonic() >= until)
        {
            result = ETIMEDOUT;
        }
        else
        {
            (void)app_wait(until);
        }
    }
    errno = kept;
    return result;
}

int pthread_cond_init(pthread_cond_t* restrict condition, const pthread_condattr_t* restrict attributes)
{
    *condition = (pthread_cond_t)PTHREAD_COND_INITIALIZER;
    *clock_of(condition) = attributes == NULL ? CLOCK_REALTIME : (int)attributes->__attr;
    return 0;
}

int pthread_condattr_setclock(pthread_condattr_t* attributes, clockid_t clock)
{
    if (clock != CLOCK_REALTIME && clock != CLOCK_MONOTONIC)
    {
        return EINVAL;
    }
    attributes->__attr = (unsigned)clock;
    return 0;
}

int pthread_cond_wait(pthread_cond_t* restrict condition, pthread_mutex_t* restrict mutex)
{
    (void)mutex;
    return wait_for_signal(condition, INFINITY);
}

int pthread_cond_timedwait(pthread_cond_t* restrict condition, pthread_mutex_t* restrict mutex,
                           const struct timespec* restrict until)
{
    double now = app_clock_time(*clock_of(condition));
    (void)mutex;
    if (until->tv_nsec < 0 || until->tv_nsec >= 1000000000L)
    {
        return EINVAL;
    }
    return wait_for_signal(condition, host_clock_monotonic() + timespec_milliseconds(until) - now);
}

int pthread_cond_signal(pthread_cond_t* condition)
{
    ++*sequence_of(condition);
    return 0;
}

int pthread_cond_broadcast(pthread_cond_t* condition)
{
    ++*sequence_of(condition);
    return 0;
}
