#include "watch_list.h"

#include <errno.h>
#include <math.h>

void watch_list_add(WATCH_LIST* list, WATCH* watch)
{
    WATCH** link = &list->first;
    while (*link != NULL)
    {
        link = &(*link)->next;
    }
    watch->next = NULL;
    *link = watch;
}

void watch_list_remove(WATCH_LIST* list, const WATCH* watch)
{
    for (WATCH** link = &list->first; *link != NULL; link = &(*link)->next)
    {
        if (*link == watch)
        {
            *link = watch->next;
            return;
        }
    }
}

WATCH* watch_list_find(const WATCH_LIST* list, int fd)
{
    WATCH* watch = list->first;
    while (watch != NULL && watch->fd != fd)
    {
        watch = watch->next;
    }
    return watch;
}

uint32_t watch_list_happened(const WATCH* watch)
{
    // A descriptor that was closed is not watched any more, as with epoll.
    return (uint32_t)fd_ready(watch->fd, (short)watch->events) & ~(uint32_t)POLLNVAL;
}

WATCH* watch_list_next(WATCH_LIST* list, uint32_t* happened)
{
    for (WATCH* watch = list->first; watch != NULL; watch = watch->next)
    {
        *happened = watch_list_happened(watch);
        if (*happened != 0)
        {
            watch_list_remove(list, watch);
            watch_list_add(list, watch);
            return watch;
        }
    }
    return NULL;
}

double watch_list_deadline(const WATCH_LIST* list)
{
    double deadline = INFINITY;
    for (const WATCH* watch = list->first; watch != NULL; watch = watch->next)
    {
        if ((watch->events & POLLIN) != 0)
        {
            deadline = fmin(deadline, fd_deadline(watch->fd));
        }
    }
    return deadline;
}

short watch_list_ready(OPEN_FILE* file)
{
    for (const WATCH* watch = ((WATCH_LIST*)file)->first; watch != NULL; watch = watch->next)
    {
        if (watch_list_happened(watch) != 0)
        {
            return POLLIN;
        }
    }
    return 0;
}

double watch_list_file_deadline(OPEN_FILE* file)
{
    return watch_list_deadline((WATCH_LIST*)file);
}

static bool is_deeper(const WATCH_LIST* list, int levels)
{
    bool deeper = levels == 0;
    for (const WATCH* watch = list->first; watch != NULL && !deeper; watch = watch->next)
    {
        int error = errno;
        const OPEN_FILE* file = fd_find(watch->fd);
        errno = error; // one that was closed is none
        deeper = file != NULL && file->operations->ready == watch_list_ready && is_deeper((const WATCH_LIST*)file, levels - 1);
    }
    return deeper;
}

bool watch_list_too_deep(const WATCH_LIST* list)
{
    return is_deeper(list, 5);
}
