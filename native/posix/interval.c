#include "interval.h"

#include <errno.h>
#include <math.h>
#include <stddef.h>

#include "clock.h"
#include "host.h"
#include "timespec.h"

int interval_set(INTERVAL* interval, const struct itimerspec* value, bool absolute, clockid_t clock)
{
    double first;
    double now = host_clock_monotonic();
    if (value == NULL || !timespec_is_valid(&value->it_value) || !timespec_is_valid(&value->it_interval))
    {
        errno = value == NULL ? EFAULT : EINVAL;
        return -1;
    }
    first = timespec_milliseconds(&value->it_value);
    interval->period = timespec_milliseconds(&value->it_interval);
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
