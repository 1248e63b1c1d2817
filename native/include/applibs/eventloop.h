// Waits for events on file descriptors and calls their handlers.
#ifndef APPLIBS_EVENTLOOP_H
#define APPLIBS_EVENTLOOP_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct EventLoop EventLoop;
typedef struct EventRegistration EventRegistration;

// How a run ended.
typedef int EventLoop_Run_Result;
enum
{
    EventLoop_Run_Failed = -1,       // errno says why
    EventLoop_Run_FinishedEmpty = 0, // no event was handled
    EventLoop_Run_Finished = 1       // at least one was
};

// A bit mask of events.
typedef uint32_t EventLoop_IoEvents;
enum
{
    EventLoop_None = 0x00, // nothing but errors
    EventLoop_Input = 0x01,
    EventLoop_Output = 0x04,
    EventLoop_Error = 0x08 // told of whether it was asked for or not
};

typedef void EventLoopIoCallback(EventLoop* el, int fd, EventLoop_IoEvents events, void* context);

// A new loop, or NULL with ENOMEM. EventLoop_Close frees it.
EventLoop* EventLoop_Create(void);
// Frees a loop and its registrations; a handler may do it, the run ends then. The descriptors stay open. NULL is fine.
void EventLoop_Close(EventLoop* el);
// Calls the handlers of what happens: for `duration_in_milliseconds`, without end where that is negative, and only once
// where it is 0 or `process_one_event` is true. EventLoop_Run_Failed with EFAULT (`el` is NULL), EBUSY (it runs already),
// EINTR (a signal handler ran).
EventLoop_Run_Result EventLoop_Run(EventLoop* el, int duration_in_milliseconds, bool process_one_event);
// Ends the run after the handler that calls this. 0, or -1 with EFAULT.
int EventLoop_Stop(EventLoop* el);
// A descriptor that is readable when the loop has something to handle; it belongs to the loop. -1 with EFAULT, EMFILE.
int EventLoop_GetWaitDescriptor(EventLoop* el);
// Has a handler called for events of a descriptor, until EventLoop_UnregisterIo. NULL with EFAULT (loop or callback is
// NULL), EINVAL (unknown events), EBADF, EEXIST (the descriptor is registered already), ELOOP (loops that watch each
// other, or more than five one in another), ENOMEM.
EventRegistration* EventLoop_RegisterIo(EventLoop* el, int fd, EventLoop_IoEvents eventBitmask, EventLoopIoCallback* callback,
                                        void* context);
// Changes the events of a registration. 0, or -1 with EFAULT, EINVAL.
int EventLoop_ModifyIoEvents(EventLoop* el, EventRegistration* reg, EventLoop_IoEvents eventBitmask);
// Ends a registration and frees it; nothing happens for NULL. 0, or -1 with EFAULT.
int EventLoop_UnregisterIo(EventLoop* el, EventRegistration* reg);

#ifdef __cplusplus
}
#endif

#endif
