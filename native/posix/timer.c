// timer_create: timers that send signals, or call a function. Both happen where the app waits.
#include "timer.h"

#include <errno.h>
#include <limits.h>
#include <math.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <time.h>

#include "interval.h"
#include "signals.h"

typedef struct TIMER_TAG
{
    struct TIMER_TAG* following;
    clockid_t clock;
    struct sigevent event;
    INTERVAL interval;
    int overrun;
} TIMER;

static TIMER* timers = NULL;

// The link to a timer; NULL, with EINVAL, if it is none.
static TIMER** find(timer_t id)
{
    TIMER** link = &timers;
    while (*link != NULL && *link != id)
    {
        link = &(*link)->following;
    }
    if (*link == NULL)
    {
        errno = EINVAL;
        return NULL;
    }
    return link;
}

static bool is_event(const struct sigevent* event)
{
    switch (event->sigev_notify)
    {
        case SIGEV_NONE:
            return true;
        case SIGEV_SIGNAL:
            return event->sigev_signo > 0 && event->sigev_signo < _NSIG;
        case SIGEV_THREAD:
            return event->sigev_notify_function != NULL;
        default:
            return false;
    }
}

int timer_create(clockid_t clock, struct sigevent* restrict event, timer_t* restrict id)
{
    TIMER* timer;
    if ((clock != CLOCK_MONOTONIC && clock != CLOCK_REALTIME && clock != CLOCK_BOOTTIME) || (event != NULL && !is_event(event)))
    {
        errno = EINVAL;
        return -1;
    }
    timer = calloc(1, sizeof(TIMER));
    if (timer == NULL)
    {
        errno = EAGAIN;
        return -1;
    }
    timer->clock = clock;
    timer->interval.next = INFINITY;
    if (event != NULL)
    {
        timer->event = *event;
    }
    else
    {
        timer->event.sigev_notify = SIGEV_SIGNAL;
        timer->event.sigev_signo = SIGALRM;
        timer->event.sigev_value.sival_ptr = timer;
    }
    timer->following = timers;
    timers = timer;
    *id = timer;
    return 0;
}

int timer_settime(timer_t id, int flags, const struct itimerspec* restrict value, struct itimerspec* restrict old)
{
    TIMER** link = find(id);
    struct itimerspec before;
    if (link == NULL)
    {
        return -1;
    }
    before = interval_left(&(*link)->interval);
    if (interval_set(&(*link)->interval, value, (flags & TIMER_ABSTIME) != 0, (*link)->clock) != 0)
    {
        return -1;
    }
    if (old != NULL)
    {
        *old = before;
    }
    return 0;
}

int timer_gettime(timer_t id, struct itimerspec* current)
{
    TIMER** link = find(id);
    if (link == NULL)
    {
        return -1;
    }
    *current = interval_left(&(*link)->interval);
    return 0;
}

int timer_getoverrun(timer_t id)
{
    TIMER** link = find(id);
    return link == NULL ? -1 : (*link)->overrun;
}

int timer_delete(timer_t id)
{
    TIMER** link = find(id);
    TIMER* timer;
    if (link == NULL)
    {
        return -1;
    }
    timer = *link;
    *link = timer->following;
    free(timer);
    return 0;
}

double app_timers_deadline(void)
{
    double first = INFINITY;
    for (const TIMER* timer = timers; timer != NULL; timer = timer->following)
    {
        first = fmin(first, timer->interval.next);
    }
    return first;
}

static TIMER* take_due(uint64_t* expirations)
{
    for (TIMER* timer = timers; timer != NULL; timer = timer->following)
    {
        *expirations = interval_take(&timer->interval);
        if (*expirations > 0)
        {
            return timer;
        }
    }
    return NULL;
}

int app_expire_timers(void)
{
    int handled = 0;
    uint64_t expirations;
    // From the start each time: what is called may delete timers.
    for (TIMER* timer = take_due(&expirations); timer != NULL; timer = take_due(&expirations))
    {
        const struct sigevent event = timer->event;
        timer->overrun = expirations - 1 > INT_MAX ? INT_MAX : (int)(expirations - 1);
        if (event.sigev_notify == SIGEV_THREAD)
        {
            event.sigev_notify_function(event.sigev_value);
        }
        else if (event.sigev_notify == SIGEV_SIGNAL)
        {
            handled += signals_send(event.sigev_signo, SI_TIMER, event.sigev_value) ? 1 : 0;
        }
    }
    return handled;
}
