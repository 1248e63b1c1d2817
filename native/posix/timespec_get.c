#include <time.h>

// C11: TIME_UTC, the one base, or 0.
int timespec_get(struct timespec* time, int base)
{
    return base == TIME_UTC && clock_gettime(CLOCK_REALTIME, time) == 0 ? base : 0;
}
