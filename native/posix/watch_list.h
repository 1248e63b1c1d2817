// Descriptors that are watched for events: what epoll and the EventLoop are made of.
#ifndef SPHERE_IOT_WATCH_LIST_H
#define SPHERE_IOT_WATCH_LIST_H

#include <stdint.h>

#include "fd_table.h"

typedef struct WATCH_TAG
{
    int fd;
    uint32_t events; // POLLIN …, as in poll, epoll and EventLoop alike
    struct WATCH_TAG* next;
} WATCH;

// A list of watches, in the order in which they are to be looked at.
typedef struct WATCH_LIST_TAG
{
    OPEN_FILE file; // a descriptor of the list: readable when one of the watches is
    WATCH* first;
} WATCH_LIST;

// Adds a watch, of malloc's, as the last; the list owns it. 0, or -1 with ELOOP where the list would watch itself through others,
// or where more than five lists would watch one another in a row, as on Linux: then the watch is freed.
int watch_list_add(WATCH_LIST* list, WATCH* watch);
// Takes a watch out of the list, and frees it.
void watch_list_remove(WATCH_LIST* list, WATCH* watch);
// Does so with all watches.
void watch_list_clear(WATCH_LIST* list);
// The watch of a descriptor, or NULL.
WATCH* watch_list_find(const WATCH_LIST* list, int fd);
// Makes the first watch the last one to be looked at, and returns it: NULL if there is none. `happened` gets its events; 0: none.
WATCH* watch_list_turn(WATCH_LIST* list, uint32_t* happened);
// The first watch that something happened to, which becomes the last to be looked at; NULL if there is none. `happened`
// gets the events.
WATCH* watch_list_next(WATCH_LIST* list, uint32_t* happened);
// When a watched descriptor becomes ready by the time that passes; INFINITY: never.
double watch_list_deadline(const WATCH_LIST* list);
// The `ready` of FILE_OPERATIONS for the list's descriptor.
short watch_list_ready(OPEN_FILE* file);
// The `deadline` of the same.
double watch_list_file_deadline(OPEN_FILE* file);

#endif
