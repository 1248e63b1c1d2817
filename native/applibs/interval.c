#include "interval.h"

#include <errno.h>
#include <math.h>
#include <stddef.h>

#include "host.h"
#include "wait.h"

static double milliseconds_of(const struct timespec* time)
{
    return (double)time->tv_sec * 1000.0 + (double)time->tv_nsec / 1000000.0;
}

static struct timespec timespec_of(double milliseconds)
{
    double seconds = floor(milliseconds / 1000.0);
    return (struct timespec){.tv_sec = (time_t)seconds, .tv_nsec = (long)((milliseconds - seconds * 1000.0) * 1000000.0)};
}

static bool is_valid(const struct timespec* time)
{
    return time->tv_sec >= 0 && time->tv_nsec >= 0 && time->tv_nsec < 1000000000L;
}

int interval_set(INTERVAL* interval, const struct itimerspec* value, bool absolute, clockid_t clock)
{
    double first;
    double now = host_clock_monotonic();
    if (value == NULL || !is_valid(&value->it_value) || !is_valid(&value->it_interval))
    {
        errno = value == NULL ? EFAULT : EINVAL;
        return -1;
    }
    first = milliseconds_of(&value->it_value);
    interval->period = milliseconds_of(&value->it_interval);
    if (first == 0)
    {
        interval->next = INFINITY;
    }
    else if (absolute)
    {
        interval->next = clock == CLOCK_REALTIME ? now + first - app_calendar_time() : first;
    }
    else
    {
        interval->next = now + first;
    }
    return 0;
}

struct itimerspec interval_left(const INTERVAL* interval)
{
    double left = interval->next == INFINITY ? 0 : interval->next - host_clock_monotonic();
    while (left < 0 && interval->period > 0)
    {
        left += interval->period;
    }
    return (struct itimerspec){.it_value = timespec_of(left > 0 ? left : 0), .it_interval = timespec_of(interval->period)};
}

uint64_t interval_take(INTERVAL* interval)
{
    double late = host_clock_monotonic() - interval->next;
    uint64_t expirations = 1;
    if (!(late >= 0))
    {
        return 0;
    }
    if (interval->period > 0)
    {
        expirations += (uint64_t)(late / interval->period);
        interval->next += interval->period * (double)expirations;
    }
    else
    {
        interval->next = INFINITY;
    }
    return expirations;
}
