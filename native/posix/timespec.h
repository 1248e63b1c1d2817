// struct timespec and the host's milliseconds.
#ifndef SPHERE_IOT_TIMESPEC_H
#define SPHERE_IOT_TIMESPEC_H

#include <stdbool.h>
#include <time.h>

// A time in milliseconds.
double timespec_milliseconds(const struct timespec* time);
// The same back again; nanoseconds are cut.
struct timespec timespec_of(double milliseconds);
// Whether it can be a duration: nothing below zero, and less than a second of nanoseconds. `time` may not be NULL.
bool timespec_is_valid(const struct timespec* time);

#endif
