#pragma once

#include <applibs/eventloop.h>
#include <time.h>

// A timer whose handler is called from the event loop.
typedef struct Timer Timer;
typedef void (*TimerHandler)(void);

// NULL where something fails. A period of zero makes a timer that waits to be set.
Timer* Timer_Create(EventLoop* eventLoop, TimerHandler handler, const struct timespec* period);
void Timer_Dispose(Timer* timer);
// Once, after `delay`.
int Timer_SetOneShot(Timer* timer, const struct timespec* delay);
int Timer_SetPeriod(Timer* timer, const struct timespec* period);
