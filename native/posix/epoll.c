// epoll. Edge-triggered watches (EPOLLET) are treated as level-triggered ones.
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <sys/epoll.h>

#include "host.h"
#include "wait.h"
#include "watch_list.h"

typedef struct EPOLL_WATCH_TAG
{
    WATCH watch;    // first: the list frees it
    uint32_t asked; // with EPOLLONESHOT
    epoll_data_t data;
} EPOLL_WATCH;

static void epoll_close(OPEN_FILE* file)
{
    watch_list_clear((WATCH_LIST*)file);
    free(file);
}

static const FILE_OPERATIONS epoll_operations = {
    .ready = watch_list_ready, .deadline = watch_list_file_deadline, .close = epoll_close};

int epoll_create1(int flags)
{
    WATCH_LIST* list;
    if ((flags & ~EPOLL_CLOEXEC) != 0)
    {
        errno = EINVAL;
        return -1;
    }
    list = calloc(1, sizeof(WATCH_LIST));
    if (list == NULL)
    {
        errno = ENOMEM;
        return -1;
    }
    return fd_open(&list->file, &epoll_operations, false);
}

int epoll_create(int size)
{
    if (size <= 0)
    {
        errno = EINVAL;
        return -1;
    }
    return epoll_create1(0);
}

static void set_events(EPOLL_WATCH* watch, const struct epoll_event* event)
{
    watch->asked = event->events;
    watch->watch.events = event->events & (EPOLLIN | EPOLLOUT | EPOLLPRI | EPOLLERR | EPOLLHUP);
    watch->data = event->data;
}

static int add(WATCH_LIST* list, int fd, const struct epoll_event* event)
{
    EPOLL_WATCH* watch = calloc(1, sizeof(EPOLL_WATCH));
    if (watch == NULL)
    {
        errno = ENOMEM;
        return -1;
    }
    watch->watch.fd = fd;
    set_events(watch, event);
    return watch_list_add(list, &watch->watch);
}

int epoll_ctl(int epoll, int operation, int fd, struct epoll_event* event)
{
    WATCH_LIST* list = (WATCH_LIST*)fd_find_kind(epoll, &epoll_operations);
    EPOLL_WATCH* watch;
    if (list == NULL || fd_find(fd) == NULL)
    {
        return -1;
    }
    if (fd == epoll || (operation != EPOLL_CTL_DEL && event == NULL))
    {
        errno = fd == epoll ? EINVAL : EFAULT;
        return -1;
    }
    watch = (EPOLL_WATCH*)watch_list_find(list, fd);
    if (operation == EPOLL_CTL_ADD ? watch != NULL : watch == NULL)
    {
        errno = watch != NULL ? EEXIST : ENOENT;
        return -1;
    }
    switch (operation)
    {
        case EPOLL_CTL_ADD:
            return add(list, fd, event);
        case EPOLL_CTL_MOD:
            set_events(watch, event);
            return 0;
        case EPOLL_CTL_DEL:
            watch_list_remove(list, &watch->watch);
            return 0;
        default:
            errno = EINVAL;
            return -1;
    }
}

// Each watch once, in turn; what finds no room is looked at first the next time.
static int collect(WATCH_LIST* list, struct epoll_event* events, int capacity)
{
    int count = 0;
    int left = 0;
    for (const WATCH* watch = list->first; watch != NULL; watch = watch->next)
    {
        left++;
    }
    for (; left > 0 && count < capacity; left--)
    {
        uint32_t happened;
        EPOLL_WATCH* watch = (EPOLL_WATCH*)watch_list_turn(list, &happened);
        if (happened == 0)
        {
            continue;
        }
        if ((watch->asked & EPOLLONESHOT) != 0)
        {
            watch->watch.events = 0;
        }
        events[count++] = (struct epoll_event){.events = happened, .data = watch->data};
    }
    return count;
}

int epoll_wait(int epoll, struct epoll_event* events, int capacity, int timeout)
{
    WATCH_LIST* list = (WATCH_LIST*)fd_find_kind(epoll, &epoll_operations);
    double end;
    if (list == NULL || events == NULL || capacity <= 0)
    {
        errno = list == NULL ? errno : events == NULL ? EFAULT : EINVAL;
        return -1;
    }
    host_app_system_call();
    end = timeout < 0 ? INFINITY : host_clock_monotonic() + timeout;
    for (;;)
    {
        int count = collect(list, events, capacity);
        if (count > 0 || host_clock_monotonic() >= end)
        {
            return count;
        }
        if (app_wait(fmin(end, watch_list_deadline(list))) != 0)
        {
            return -1;
        }
    }
}

int epoll_pwait(int epoll, struct epoll_event* events, int capacity, int timeout, const sigset_t* mask)
{
    (void)mask;
    return epoll_wait(epoll, events, capacity, timeout);
}
