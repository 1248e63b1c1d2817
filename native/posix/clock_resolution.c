// What Linux says of its clocks. The C library's asks WASI.
#include <errno.h>
#include <time.h>

int clock_getres(clockid_t clock, struct timespec* result);

int clock_getres(clockid_t clock, struct timespec* result)
{
    if (clock < CLOCK_REALTIME || clock > CLOCK_TAI)
    {
        errno = EINVAL;
        return -1;
    }
    if (result != NULL)
    {
        *result = (struct timespec){.tv_nsec = 1};
    }
    return 0;
}
