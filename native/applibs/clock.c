// Time: clock_gettime and what waits for it. time_t has 4 bytes with emcc 3.1.6, so with it time ends in 2038.
#include <errno.h>
#include <math.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "host.h"
#include "host_error.h"
#include "wait.h"

#define MILLISECONDS_PER_SECOND 1000.0
#define NANOSECONDS_PER_MILLISECOND 1000000.0

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

static struct timespec timespec_of(double milliseconds)
{
    double seconds = floor(milliseconds / MILLISECONDS_PER_SECOND);
    struct timespec result = {.tv_sec = (time_t)seconds};
    result.tv_nsec = (long)((milliseconds - seconds * MILLISECONDS_PER_SECOND) * NANOSECONDS_PER_MILLISECOND);
    return result;
}

static double milliseconds_of(const struct timespec* time)
{
    return (double)time->tv_sec * MILLISECONDS_PER_SECOND + (double)time->tv_nsec / NANOSECONDS_PER_MILLISECOND;
}

static int is_duration(const struct timespec* time)
{
    if (time != NULL && time->tv_sec >= 0 && time->tv_nsec >= 0 && time->tv_nsec < 1000000000L)
    {
        return 1;
    }
    errno = time == NULL ? EFAULT : EINVAL;
    return 0;
}

static int is_real_time(clockid_t clock)
{
    return clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE;
}

int clock_gettime(clockid_t clock, struct timespec* result)
{
    if (result == NULL)
    {
        errno = EFAULT;
        return -1;
    }
    *result = timespec_of(is_real_time(clock) ? app_calendar_time() : host_clock_monotonic());
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
    if (!is_duration(time))
    {
        return -1;
    }
    if (clock != CLOCK_REALTIME)
    {
        errno = EINVAL;
        return -1;
    }
    wanted = milliseconds_of(time) - host_clock_now();
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
    return clock_settime(CLOCK_REALTIME, &(const struct timespec){.tv_sec = time->tv_sec, .tv_nsec = time->tv_usec * 1000});
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
    now = (time_t)(app_calendar_time() / MILLISECONDS_PER_SECOND);
    if (result != NULL)
    {
        *result = now;
    }
    return now;
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
    result = sleep_until(now, now + milliseconds_of(duration), &left);
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
    double now = is_real_time(clock) ? app_calendar_time() : host_clock_monotonic();
    if (!is_duration(time))
    {
        return errno;
    }
    if ((flags & TIMER_ABSTIME) == 0)
    {
        return nanosleep(time, remaining) == 0 ? 0 : errno;
    }
    monotonic = host_clock_monotonic();
    return sleep_until(monotonic, monotonic + milliseconds_of(time) - now, &left) == 0 ? 0 : EINTR;
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
    (void)sleep_until(now, now + seconds * MILLISECONDS_PER_SECOND, &left);
    return (unsigned)ceil(left / MILLISECONDS_PER_SECOND);
}
