// Timers on epoll, in the shape of the first SDKs.
#ifndef EVENTS_H
#define EVENTS_H

#include <stdint.h>

struct Event;
typedef void (*EventHandler)(struct Event* event);

typedef struct Event
{
    EventHandler handler;
    int fd;
} Event;

// One for the whole app. Each file that includes this defines it, which the device's compiler takes as one.
int eventsFd;

int StartEvents(void);
int StartTimer(Event* event, EventHandler handler, long periodMs);
int ConsumeTimer(const Event* event);
int WaitAndHandle(void);

#endif
