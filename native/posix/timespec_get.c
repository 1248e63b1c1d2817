// C11's way to ask for the time.
#include <time.h>

// TIME_UTC, the one base, or 0.
int timespec_get(struct timespec* time, int base)
{
    return base == TIME_UTC && clock_gettime(CLOCK_REALTIME, time) == 0 ? base : 0;
}
