#include "events.h"

#include <errno.h>
#include <stddef.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

int StartEvents(void)
{
    eventsFd = epoll_create1(0);
    return eventsFd;
}

int StartTimer(Event* event, EventHandler handler, long periodMs)
{
    struct timespec period = {.tv_sec = periodMs / 1000, .tv_nsec = periodMs % 1000 * 1000000};
    struct itimerspec value = {.it_value = period, .it_interval = period};
    struct epoll_event watched = {.events = EPOLLIN, .data.ptr = event};
    event->handler = handler;
    event->fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
    if (event->fd == -1 || timerfd_settime(event->fd, 0, &value, NULL) == -1)
    {
        return -1;
    }
    return epoll_ctl(eventsFd, EPOLL_CTL_ADD, event->fd, &watched);
}

int ConsumeTimer(const Event* event)
{
    uint64_t expirations;
    return read(event->fd, &expirations, sizeof(expirations)) == -1 ? -1 : 0;
}

int WaitAndHandle(void)
{
    struct epoll_event happened;
    int count = epoll_wait(eventsFd, &happened, 1, -1);
    if (count == -1)
    {
        return errno == EINTR ? 0 : -1;
    }
    if (count == 1)
    {
        Event* event = happened.data.ptr;
        event->handler(event);
    }
    return 0;
}
