// C's time() over the host's clock: the SDK's agenttime.c, which reads it, is used as it is.
// time_t has 4 bytes with emcc 3.1.6 and 8 with newer ones, so with the former the year 2038 is the end of time.
#include <time.h>

#include "host.h"

time_t time(time_t* result)
{
    time_t now = (time_t)(host_clock_now() / 1000.0);
    if (result != NULL)
    {
        *result = now;
    }
    return now;
}
