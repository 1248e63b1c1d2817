// What time it is. time_t has 4 bytes with emcc 3.1.6, so with it time ends in 2038.
#include "clock.h"

#include <errno.h>
#include <math.h>
#include <sys/time.h>

#include "host.h"
#include "host_error.h"
#include "timespec.h"

// What the time is after host_clock_now; asked for when it is first needed.
static double offset = NAN;

double app_calendar_time(void)
{
    if (isnan(offset))
    {
        offset = host_time_offset();
    }
    return host_clock_now() + offset;
}

double app_clock_time(clockid_t clock)
{
    return clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE ? app_calendar_time() : host_clock_monotonic();
}

int clock_gettime(clockid_t clock, struct timespec* result)
{
    if (result == NULL)
    {
        errno = EFAULT;
        return -1;
    }
    *result = timespec_of(app_clock_time(clock));
    return 0;
}

// Under this name the C library asks for the time.
int __clock_gettime(clockid_t clock, struct timespec* result)
{
    return clock_gettime(clock, result);
}

int clock_settime(clockid_t clock, const struct timespec* time)
{
    double wanted;
    if (time == NULL)
    {
        errno = EFAULT;
        return -1;
    }
    if (!timespec_is_valid(time) || clock != CLOCK_REALTIME)
    {
        errno = EINVAL;
        return -1;
    }
    wanted = timespec_milliseconds(time) - host_clock_now();
    if (host_result(host_time_set(wanted)) < 0)
    {
        return -1;
    }
    offset = wanted;
    return 0;
}

int settimeofday(const struct timeval* time, const struct timezone* zone)
{
    (void)zone;
    if (time == NULL)
    {
        errno = EFAULT;
        return -1;
    }
    return clock_settime(CLOCK_REALTIME,
                         &(const struct timespec){.tv_sec = time->tv_sec, .tv_nsec = (long)(time->tv_usec * 1000)});
}

int gettimeofday(struct timeval* restrict result, void* restrict zone)
{
    struct timespec now;
    (void)zone;
    (void)clock_gettime(CLOCK_REALTIME, &now);
    if (result != NULL)
    {
        *result = (struct timeval){.tv_sec = now.tv_sec, .tv_usec = (suseconds_t)(now.tv_nsec / 1000)};
    }
    return 0;
}

time_t time(time_t* result)
{
    time_t now;
    now = (time_t)(app_calendar_time() / 1000);
    if (result != NULL)
    {
        *result = now;
    }
    return now;
}
