// timer_create: timers that send a signal or call a function. They are due while the app waits, as signals are.
#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <time.h>

#include "host.h"
#include "wait.h"

typedef struct TIMER_TAG
{
    struct TIMER_TAG* next_timer;
    struct sigevent event;
    clockid_t clock;
    double next;   // clock milliseconds; INFINITY: disarmed
    double period; // milliseconds; 0: once
    int overrun;   // expirations that the last one stood for beside its own
} TIMER;

static TIMER* timers = NULL;

static double milliseconds_of(const struct timespec* time)
{
    return (double)time->tv_sec * 1000.0 + (double)time->tv_nsec / 1000000.0;
}

static struct timespec timespec_of(double milliseconds)
{
    double seconds = floor(milliseconds / 1000.0);
    return (struct timespec){.tv_sec = (time_t)seconds, .tv_nsec = (long)((milliseconds - seconds * 1000.0) * 1000000.0)};
}

static bool is_valid(const struct timespec* time)
{
    return time->tv_sec >= 0 && time->tv_nsec >= 0 && time->tv_nsec < 1000000000L;
}

static int fail(int error)
{
    errno = error;
    return -1;
}

// NULL with EINVAL.
static TIMER* find(timer_t id)
{
    TIMER* timer = timers;
    while (timer != NULL && timer != (TIMER*)id)
    {
        timer = timer->next_timer;
    }
    errno = timer == NULL ? EINVAL : errno;
    return timer;
}

// ---- due timers

double app_next_timer(void)
{
    double next = INFINITY;
    for (const TIMER* timer = timers; timer != NULL; timer = timer->next_timer)
    {
        next = fmin(next, timer->next);
    }
    return next;
}

// The timer that has been due for the longest; NULL: none is.
static TIMER* due(void)
{
    double now = host_clock_monotonic();
    double next = app_next_timer();
    TIMER* timer = timers;
    while (timer != NULL && !(timer->next == next && next <= now))
    {
        timer = timer->next_timer;
    }
    return timer;
}

static int expire(TIMER* timer)
{
    double late = host_clock_monotonic() - timer->next;
    timer->overrun = timer->period > 0 ? (int)(late / timer->period) : 0;
    timer->next = timer->period > 0 ? timer->next + timer->period * (timer->overrun + 1) : INFINITY;
    switch (timer->event.sigev_notify)
    {
        case SIGEV_SIGNAL:
            return app_signal(timer->event.sigev_signo, SI_TIMER, &timer->event.sigev_value);
        case SIGEV_THREAD: // there are no threads: it runs where the app waits
            timer->event.sigev_notify_function(timer->event.sigev_value);
            return 0;
        default:
            return 0;
    }
}

int app_expire_timers(void)
{
    int ran = 0;
    for (TIMER* timer = due(); timer != NULL; timer = due()) // a handler may delete any
    {
        ran += expire(timer);
    }
    return ran;
}

// ---- timers

int timer_create(clockid_t clock, struct sigevent* restrict event, timer_t* restrict id)
{
    TIMER* timer;
    if (id == NULL)
    {
        return fail(EFAULT);
    }
    if ((clock != CLOCK_MONOTONIC && clock != CLOCK_REALTIME && clock != CLOCK_BOOTTIME) ||
        (event != NULL && event->sigev_notify != SIGEV_NONE && event->sigev_notify != SIGEV_THREAD &&
         (event->sigev_notify != SIGEV_SIGNAL || event->sigev_signo <= 0 || event->sigev_signo >= _NSIG)))
    {
        return fail(EINVAL);
    }
    timer = calloc(1, sizeof(TIMER));
    if (timer == NULL)
    {
        return fail(EAGAIN);
    }
    timer->clock = clock;
    timer->next = INFINITY;
    timer->next_timer = timers;
    timer->event.sigev_notify = SIGEV_SIGNAL;
    timer->event.sigev_signo = SIGALRM;
    timer->event.sigev_value.sival_ptr = timer;
    if (event != NULL)
    {
        timer->event = *event;
    }
    timers = timer;
    *id = timer;
    return 0;
}

int timer_delete(timer_t id)
{
    TIMER* timer = find(id);
    TIMER** link = &timers;
    if (timer == NULL)
    {
        return -1;
    }
    while (*link != timer)
    {
        link = &(*link)->next_timer;
    }
    *link = timer->next_timer;
    free(timer);
    return 0;
}

int timer_gettime(timer_t id, struct itimerspec* current)
{
    const TIMER* timer = find(id);
    double left;
    if (timer == NULL || current == NULL)
    {
        return timer == NULL ? -1 : fail(EFAULT);
    }
    left = timer->next == INFINITY ? 0 : timer->next - host_clock_monotonic();
    current->it_value = timespec_of(left > 0 ? left : 0);
    current->it_interval = timespec_of(timer->period);
    return 0;
}

int timer_settime(timer_t id, int flags, const struct itimerspec* restrict value, struct itimerspec* restrict old)
{
    TIMER* timer = find(id);
    double now = host_clock_monotonic();
    double first;
    if (timer == NULL)
    {
        return -1;
    }
    if (value == NULL || !is_valid(&value->it_value) || !is_valid(&value->it_interval))
    {
        return fail(value == NULL ? EFAULT : EINVAL);
    }
    if (old != NULL)
    {
        (void)timer_gettime(id, old);
    }
    first = milliseconds_of(&value->it_value);
    timer->period = milliseconds_of(&value->it_interval);
    if (first == 0)
    {
        timer->next = INFINITY;
    }
    else if ((flags & TIMER_ABSTIME) == 0)
    {
        timer->next = now + first;
    }
    else
    {
        timer->next = timer->clock == CLOCK_REALTIME ? now + first - app_calendar_time() : first;
    }
    return 0;
}

int timer_getoverrun(timer_t id)
{
    const TIMER* timer = find(id);
    return timer == NULL ? -1 : timer->overrun;
}
