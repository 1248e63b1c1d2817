#include "watch_list.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "fail.h"

// As Linux allows: lists that watch one another in a row.
#define MAX_LEVELS 5

static void append(WATCH_LIST* list, WATCH* watch)
{
    WATCH** link = &list->first;
    while (*link != NULL)
    {
        link = &(*link)->next;
    }
    watch->next = NULL;
    *link = watch;
}

static void take_out(WATCH_LIST* list, const WATCH* watch)
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

static bool is_deeper(const WATCH_LIST* list, int levels)
{
    bool deeper = levels == 0;
    for (const WATCH* watch = list->first; watch != NULL && !deeper; watch = watch->next)
    {
        int error = errno;
        const OPEN_FILE* file = fd_find(watch->fd);
        errno = error; // a descriptor that was closed is watched no more
        deeper = file != NULL && file->operations->ready == watch_list_ready && is_deeper((const WATCH_LIST*)file, levels - 1);
    }
    return deeper;
}

int watch_list_add(WATCH_LIST* list, WATCH* watch)
{
    append(list, watch);
    if (is_deeper(list, MAX_LEVELS))
    {
        watch_list_remove(list, watch);
        return fail(ELOOP);
    }
    return 0;
}

void watch_list_remove(WATCH_LIST* list, WATCH* watch)
{
    take_out(list, watch);
    free(watch);
}

void watch_list_clear(WATCH_LIST* list)
{
    while (list->first != NULL)
    {
        watch_list_remove(list, list->first);
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

static uint32_t events_of(const WATCH* watch)
{
    // A descriptor that was closed is not watched any more, as with epoll.
    return (uint32_t)fd_ready(watch->fd, (short)watch->events) & ~(uint32_t)POLLNVAL;
}

WATCH* watch_list_turn(WATCH_LIST* list, uint32_t* happened)
{
    WATCH* watch = list->first;
    if (watch != NULL)
    {
        *happened = events_of(watch);
        take_out(list, watch);
        append(list, watch);
    }
    return watch;
}

WATCH* watch_list_next(WATCH_LIST* list, uint32_t* happened)
{
    for (WATCH* watch = list->first; watch != NULL; watch = watch->next)
    {
        *happened = events_of(watch);
        if (*happened != 0)
        {
            take_out(list, watch);
            append(list, watch);
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
        if (events_of(watch) != 0)
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
