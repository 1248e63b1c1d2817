// What time it is for an app.
#ifndef SPHERE_IOT_CLOCK_H
#define SPHERE_IOT_CLOCK_H

#include <time.h>

// Milliseconds since 1970-01-01T00:00:00Z, as an app has set them.
double app_calendar_time(void);
// What a clock of POSIX shows, in milliseconds: calendar time for CLOCK_REALTIME and its coarse one, else host_clock_monotonic.
double app_clock_time(clockid_t clock);

#endif
