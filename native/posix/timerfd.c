// timerfd: timers that are files.
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/timerfd.h>

#include "fd_table.h"
#include "host.h"
#include "interval.h"

typedef struct TIMER_FILE_TAG
{
    OPEN_FILE file;
    clockid_t clock;
    INTERVAL interval;
} TIMER_FILE;

static short timer_ready(OPEN_FILE* file)
{
    return ((TIMER_FILE*)file)->interval.next <= host_clock_monotonic() ? POLLIN : 0;
}

static double timer_deadline(OPEN_FILE* file)
{
    return ((TIMER_FILE*)file)->interval.next;
}

static ssize_t timer_read(OPEN_FILE* file, void* buffer, size_t size)
{
    uint64_t expirations;
    if (size < sizeof(expirations))
    {
        errno = EINVAL;
        return -1;
    }
    expirations = interval_take(&((TIMER_FILE*)file)->interval);
    if (expirations == 0)
    {
        errno = EAGAIN;
        return -1;
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
    timer->interval.next = INFINITY;
    return fd_open(&timer->file, &timer_operations, (flags & TFD_NONBLOCK) != 0);
}

int timerfd_gettime(int fd, struct itimerspec* current)
{
    TIMER_FILE* timer = (TIMER_FILE*)fd_find_kind(fd, &timer_operations);
    if (timer == NULL || current == NULL)
    {
        errno = timer == NULL ? errno : EFAULT;
        return -1;
    }
    *current = interval_left(&timer->interval);
    return 0;
}

int timerfd_settime(int fd, int flags, const struct itimerspec* value, struct itimerspec* old)
{
    TIMER_FILE* timer = (TIMER_FILE*)fd_find_kind(fd, &timer_operations);
    struct itimerspec before;
    if (timer == NULL)
    {
        return -1;
    }
    before = interval_left(&timer->interval);
    if (interval_set(&timer->interval, value, (flags & TFD_TIMER_ABSTIME) != 0, timer->clock) != 0)
    {
        return -1;
    }
    if (old != NULL)
    {
        *old = before;
    }
    return 0;
}
