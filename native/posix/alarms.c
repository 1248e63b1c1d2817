// alarm and setitimer: the one real-time timer of a process. It is one of timer_create's, which sends SIGALRM.
#define _GNU_SOURCE
#include <errno.h>
#include <stdlib.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "refuse.h"

static timer_t timer;
static bool created = false;

static bool create(void)
{
    created = created || timer_create(CLOCK_MONOTONIC, NULL, &timer) == 0;
    return created;
}

static struct timeval timeval_of(const struct timespec* time)
{
    return (struct timeval){.tv_sec = time->tv_sec, .tv_usec = (suseconds_t)(time->tv_nsec / 1000)};
}

static struct itimerval in_microseconds(const struct itimerspec* value)
{
    return (struct itimerval){.it_interval = timeval_of(&value->it_interval), .it_value = timeval_of(&value->it_value)};
}

static struct timespec in_nanoseconds(const struct timeval* time)
{
    return (struct timespec){.tv_sec = time->tv_sec, .tv_nsec = (long)time->tv_usec * 1000};
}

int setitimer(int which, const struct itimerval* restrict value, struct itimerval* restrict old)
{
    struct itimerspec wanted;
    struct itimerspec before;
    if (which != ITIMER_REAL)
    {
        return REFUSE(EINVAL, "there is ITIMER_REAL only, as what an app computes takes no time");
    }
    if (value == NULL || value->it_value.tv_usec > 999999 || value->it_interval.tv_usec > 999999 || !create())
    {
        errno = value == NULL ? EFAULT : created ? EINVAL : ENOMEM;
        return -1;
    }
    wanted =
        (struct itimerspec){.it_interval = in_nanoseconds(&value->it_interval), .it_value = in_nanoseconds(&value->it_value)};
    if (timer_settime(timer, 0, &wanted, &before) != 0)
    {
        return -1;
    }
    if (old != NULL)
    {
        *old = in_microseconds(&before);
    }
    return 0;
}

int getitimer(int which, struct itimerval* value)
{
    struct itimerspec now = {.it_value = {0}};
    if (which != ITIMER_REAL)
    {
        return REFUSE(EINVAL, "there is ITIMER_REAL only, as what an app computes takes no time");
    }
    if (created && timer_gettime(timer, &now) != 0)
    {
        return -1;
    }
    *value = in_microseconds(&now);
    return 0;
}

unsigned alarm(unsigned seconds)
{
    struct itimerval old = {.it_value = {0}};
    (void)setitimer(ITIMER_REAL, &(const struct itimerval){.it_value = {.tv_sec = (time_t)seconds}}, &old);
    // Less than a second that is left counts as one, so that 0 means "no alarm".
    return (unsigned)old.it_value.tv_sec + (old.it_value.tv_usec > 0 ? 1 : 0);
}

unsigned ualarm(unsigned value, unsigned interval)
{
    const struct itimerval wanted = {
        .it_value = {.tv_sec = (time_t)(value / 1000000), .tv_usec = (suseconds_t)(value % 1000000)},
        .it_interval = {.tv_sec = (time_t)(interval / 1000000), .tv_usec = (suseconds_t)(interval % 1000000)}};
    struct itimerval old = {.it_value = {0}};
    (void)setitimer(ITIMER_REAL, &wanted, &old);
    return (unsigned)old.it_value.tv_sec * 1000000 + (unsigned)old.it_value.tv_usec;
}
