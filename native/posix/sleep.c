// What waits for time to pass, and for nothing else.
#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <time.h>
#include <unistd.h>

#include "clock.h"
#include "host.h"
#include "timespec.h"
#include "wait.h"

// false with EFAULT, EINVAL.
static bool is_duration(const struct timespec* time)
{
    if (time != NULL && timespec_is_valid(time))
    {
        return true;
    }
    errno = time == NULL ? EFAULT : EINVAL;
    return false;
}

// 0; -1 with EINTR, and what was left in `left`. `now` is host_clock_monotonic, which need not be asked for twice.
static int sleep_until(double now, double until, double* left)
{
    int result = 0;
    while (result == 0 && now < until)
    {
        result = app_wait(until);
        now = host_clock_monotonic();
    }
    *left = now < until ? until - now : 0;
    return result;
}

int nanosleep(const struct timespec* duration, struct timespec* remaining)
{
    double left;
    double now;
    int result;
    if (!is_duration(duration))
    {
        return -1;
    }
    now = host_clock_monotonic();
    result = sleep_until(now, now + timespec_milliseconds(duration), &left);
    if (result != 0 && remaining != NULL)
    {
        *remaining = timespec_of(left);
    }
    return result;
}

int clock_nanosleep(clockid_t clock, int flags, const struct timespec* time, struct timespec* remaining)
{
    double left;
    double monotonic;
    double now = app_clock_time(clock);
    if (!is_duration(time))
    {
        return errno;
    }
    if ((flags & TIMER_ABSTIME) == 0)
    {
        return nanosleep(time, remaining) == 0 ? 0 : errno;
    }
    monotonic = host_clock_monotonic();
    return sleep_until(monotonic, monotonic + timespec_milliseconds(time) - now, &left) == 0 ? 0 : EINTR;
}

// Under this name thrd_sleep waits.
int __clock_nanosleep(clockid_t clock, int flags, const struct timespec* time, struct timespec* remaining)
{
    return clock_nanosleep(clock, flags, time, remaining);
}

int usleep(unsigned microseconds)
{
    const struct timespec duration = {.tv_sec = (time_t)(microseconds / 1000000),
                                      .tv_nsec = (long)(microseconds % 1000000) * 1000};
    return nanosleep(&duration, NULL);
}

unsigned sleep(unsigned seconds)
{
    double left;
    double now = host_clock_monotonic();
    (void)sleep_until(now, now + seconds * 1000.0, &left);
    return (unsigned)ceil(left / 1000.0);
}
