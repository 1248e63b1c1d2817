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

// Adds a watch as the last. It stays the caller's, who takes it out before it is freed.
void watch_list_add(WATCH_LIST* list, WATCH* watch);
// Whether a list watches itself, through others, or more than five lists one in another, as Linux allows.
bool watch_list_too_deep(const WATCH_LIST* list);
// Takes a watch out of the list.
void watch_list_remove(WATCH_LIST* list, const WATCH* watch);
// The watch of a descriptor, or NULL.
WATCH* watch_list_find(const WATCH_LIST* list, int fd);
// What has happened to a watch; 0: nothing.
uint32_t watch_list_happened(const WATCH* watch);
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
