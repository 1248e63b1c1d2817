// Processor time. What an app computes takes no time here, so it is the time since the app has started: an app that measures its
// own waits, or waits by it, sees it pass.
#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/times.h>
#include <time.h>
#include <unistd.h>

#include "heap_limit.h"
#include "host.h"

#define MICROSECONDS_PER_MILLISECOND 1000.0
#define MICROSECONDS_PER_SECOND 1000000

static double started = 0;

__attribute__((constructor)) static void start(void)
{
    started = host_clock_monotonic();
}

static double microseconds(void)
{
    return (host_clock_monotonic() - started) * MICROSECONDS_PER_MILLISECOND;
}

// -1 once it does not fit, after 35 minutes, as on the device.
clock_t clock(void)
{
    double now = microseconds();
    return now > (double)LONG_MAX ? -1 : (clock_t)now;
}

// All of it is the app's own.
clock_t times(struct tms* result)
{
    clock_t ticks = (clock_t)(microseconds() * (double)sysconf(_SC_CLK_TCK) / MICROSECONDS_PER_SECOND);
    if (result != NULL)
    {
        *result = (struct tms){.tms_utime = ticks};
    }
    return ticks;
}

int getrusage(int who, struct rusage* result)
{
    double now;
    if (who != RUSAGE_SELF && who != RUSAGE_CHILDREN && who != RUSAGE_THREAD)
    {
        errno = EINVAL;
        return -1;
    }
    (void)memset(result, 0, sizeof(*result));
    if (who != RUSAGE_CHILDREN) // there are none
    {
        now = microseconds();
        result->ru_utime.tv_sec = (time_t)(now / MICROSECONDS_PER_SECOND);
        result->ru_utime.tv_usec = (suseconds_t)(now - (double)result->ru_utime.tv_sec * MICROSECONDS_PER_SECOND);
        result->ru_maxrss = (long)heap_kilobytes(heap_size()); // it never shrinks
    }
    return 0;
}
