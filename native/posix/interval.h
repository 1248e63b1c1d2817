// When a timer is due, once or again and again: what timerfd and timer_create have in common.
#ifndef SPHERE_IOT_INTERVAL_H
#define SPHERE_IOT_INTERVAL_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

typedef struct INTERVAL_TAG
{
    double next;   // clock milliseconds; INFINITY: disarmed
    double period; // milliseconds; 0: once
} INTERVAL;

// Arms or disarms it; 0, or -1 with EINVAL or EFAULT. `clock` is that of an absolute time.
int interval_set(INTERVAL* interval, const struct itimerspec* value, bool absolute, clockid_t clock);
// What is left of it.
struct itimerspec interval_left(const INTERVAL* interval);
// How often it has come due since it was taken last; it is then due the next time.
uint64_t interval_take(INTERVAL* interval);

#endif
