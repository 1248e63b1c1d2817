// timerfd: timers that are files.
#include <errno.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/timerfd.h>
#include <time.h>

#include "fd_table.h"
#include "host.h"
#include "wait.h"

typedef struct TIMER_FILE_TAG
{
    OPEN_FILE file;
    clockid_t clock;
    double next;   // clock milliseconds; INFINITY: disarmed
    double period; // milliseconds; 0: once
} TIMER_FILE;

static short timer_ready(OPEN_FILE* file)
{
    return ((TIMER_FILE*)file)->next <= host_clock_monotonic() ? POLLIN : 0;
}

static double timer_deadline(OPEN_FILE* file)
{
    return ((TIMER_FILE*)file)->next;
}

static ssize_t timer_read(OPEN_FILE* file, void* buffer, size_t size)
{
    TIMER_FILE* timer = (TIMER_FILE*)file;
    double late = host_clock_monotonic() - timer->next;
    uint64_t expirations = 1;
    if (size < sizeof(expirations))
    {
        errno = EINVAL;
        return -1;
    }
    if (!(late >= 0))
    {
        app_clock_was_read();
        errno = EAGAIN;
        return -1;
    }
    if (timer->period > 0)
    {
        expirations += (uint64_t)(late / timer->period);
        timer->next += timer->period * (double)expirations;
    }
    else
    {
        timer->next = INFINITY;
    }
    (void)memcpy(buffer, &expirations, sizeof(expirations));
    return sizeof(expirations);
}

static void timer_close(OPEN_FILE* file)
{
    free(file);
}

static const FILE_OPERATIONS timer_operations = {
    .read = timer_read, .ready = timer_ready, .deadline = timer_deadline, .close = timer_close};

int timerfd_create(int clock, int flags)
{
    TIMER_FILE* timer;
    if ((clock != CLOCK_MONOTONIC && clock != CLOCK_REALTIME && clock != CLOCK_BOOTTIME) ||
        (flags & ~(TFD_NONBLOCK | TFD_CLOEXEC)) != 0)
    {
        errno = EINVAL;
        return -1;
    }
    timer = calloc(1, sizeof(TIMER_FILE));
    if (timer == NULL)
    {
        errno = ENOMEM;
        return -1;
    }
    timer->clock = clock;
    timer->next = INFINITY;
    return fd_open(&timer->file, &timer_operations, (flags & TFD_NONBLOCK) != 0);
}

static double milliseconds_of(const struct timespec* time)
{
    return (double)time->tv_sec * 1000.0 + (double)time->tv_nsec / 1000000.0;
}

static struct timespec timespec_of(double milliseconds)
{
    double seconds = floor(milliseconds / 1000.0);
    return (struct timespec){.tv_sec = (time_t)seconds, .tv_nsec = (long)((milliseconds - seconds * 1000.0) * 1000000.0)};
}

static int is_valid(const struct timespec* time)
{
    return time->tv_sec >= 0 && time->tv_nsec >= 0 && time->tv_nsec < 1000000000L;
}

int timerfd_gettime(int fd, struct itimerspec* current)
{
    TIMER_FILE* timer = (TIMER_FILE*)fd_find_kind(fd, &timer_operations);
    double left;
    if (timer == NULL || current == NULL)
    {
        errno = timer == NULL ? errno : EFAULT;
        return -1;
    }
    left = timer->next == INFINITY ? 0 : timer->next - host_clock_monotonic();
    while (left < 0 && timer->period > 0)
    {
        left += timer->period;
    }
    current->it_value = timespec_of(left > 0 ? left : 0);
    current->it_interval = timespec_of(timer->period);
    return 0;
}

int timerfd_settime(int fd, int flags, const struct itimerspec* value, struct itimerspec* old)
{
    TIMER_FILE* timer = (TIMER_FILE*)fd_find_kind(fd, &timer_operations);
    double first;
    double now = host_clock_monotonic();
    if (timer == NULL)
    {
        return -1;
    }
    if (value == NULL || !is_valid(&value->it_value) || !is_valid(&value->it_interval))
    {
        errno = value == NULL ? EFAULT : EINVAL;
        return -1;
    }
    if (old != NULL)
    {
        (void)timerfd_gettime(fd, old);
    }
    first = milliseconds_of(&value->it_value);
    timer->period = milliseconds_of(&value->it_interval);
    if (first == 0)
    {
        timer->next = INFINITY;
    }
    else if ((flags & TFD_TIMER_ABSTIME) != 0)
    {
        timer->next = timer->clock == CLOCK_REALTIME ? now + first - app_calendar_time() : first;
    }
    else
    {
        timer->next = now + first;
    }
    return 0;
}
