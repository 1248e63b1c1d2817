#include "timespec.h"

#include <math.h>

#define MILLISECONDS_PER_SECOND 1000.0
#define NANOSECONDS_PER_MILLISECOND 1000000.0
#define NANOSECONDS_PER_SECOND 1000000000L

double timespec_milliseconds(const struct timespec* time)
{
    return (double)time->tv_sec * MILLISECONDS_PER_SECOND + (double)time->tv_nsec / NANOSECONDS_PER_MILLISECOND;
}

struct timespec timespec_of(double milliseconds)
{
    double seconds = floor(milliseconds / MILLISECONDS_PER_SECOND);
    struct timespec result = {.tv_sec = (time_t)seconds};
    result.tv_nsec = (long)((milliseconds - seconds * MILLISECONDS_PER_SECOND) * NANOSECONDS_PER_MILLISECOND);
    return result;
}

bool timespec_is_valid(const struct timespec* time)
{
    return time->tv_sec >= 0 && time->tv_nsec >= 0 && time->tv_nsec < NANOSECONDS_PER_SECOND;
}
