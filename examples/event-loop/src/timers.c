#include "timers.h"

#include <applibs/log.h>
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "exit_codes.h"

struct Timer
{
    EventLoop* eventLoop;
    TimerHandler handler;
    int fd;
    EventRegistration* registration;
};

static const struct timespec never = {0, 0};

static void OnTimer(EventLoop* el, int fd, EventLoop_IoEvents events, void* context)
{
    Timer* timer = context;
    uint64_t expirations = 0;
    // What is not read stays, and the loop would spin.
    if (read(fd, &expirations, sizeof(expirations)) == -1)
    {
        if (errno != EAGAIN)
        {
            Log_Debug("ERROR: A timer can't be read: %s (%d).\n", strerror(errno), errno);
            App_Exit(ExitCode_Timer);
        }
        return;
    }
    timer->handler();
}

Timer* Timer_Create(EventLoop* eventLoop, TimerHandler handler, const struct timespec* period)
{
    Timer* timer = malloc(sizeof(Timer));
    if (timer == NULL)
    {
        return NULL;
    }
    timer->eventLoop = eventLoop;
    timer->handler = handler;
    timer->registration = NULL;
    timer->fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
    if (timer->fd != -1 && Timer_SetPeriod(timer, period) == 0)
    {
        timer->registration = EventLoop_RegisterIo(eventLoop, timer->fd, EventLoop_Input, OnTimer, timer);
    }
    if (timer->registration == NULL)
    {
        Log_Debug("ERROR: A timer can't be made: %s (%d).\n", strerror(errno), errno);
        Timer_Dispose(timer);
        return NULL;
    }
    return timer;
}

void Timer_Dispose(Timer* timer)
{
    if (timer == NULL)
    {
        return;
    }
    EventLoop_UnregisterIo(timer->eventLoop, timer->registration);
    if (timer->fd != -1)
    {
        close(timer->fd);
    }
    free(timer);
}

static int Set(Timer* timer, const struct timespec* delay, const struct timespec* period)
{
    struct itimerspec value = {.it_value = *delay, .it_interval = *period};
    return timerfd_settime(timer->fd, 0, &value, NULL);
}

int Timer_SetOneShot(Timer* timer, const struct timespec* delay)
{
    return Set(timer, delay, &never);
}

int Timer_SetPeriod(Timer* timer, const struct timespec* period)
{
    return Set(timer, period, period);
}
