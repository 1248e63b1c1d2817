// applibs/eventloop.h: a list of watched descriptors (native/posix/watch_list.h), each with a handler.
#include <applibs/eventloop.h>

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "fail.h"
#include "host.h"
#include "wait.h"
#include "watch_list.h"

struct EventRegistration
{
    WATCH watch; // first: the list frees it
    EventLoopIoCallback* callback;
    void* context;
};

struct EventLoop
{
    WATCH_LIST list;
    int wait_descriptor; // -1: the app has not asked for one
    bool runs;
    bool stopped;
    bool closed; // by a handler: freed when the run ends
};

static void loop_close(OPEN_FILE* file)
{
    (void)file; // EventLoop_Close frees it
}

static const FILE_OPERATIONS loop_operations = {
    .ready = watch_list_ready, .deadline = watch_list_file_deadline, .close = loop_close};

#define ALL_EVENTS ((EventLoop_IoEvents)EventLoop_Input | EventLoop_Output | EventLoop_Error)

EventLoop* EventLoop_Create(void)
{
    EventLoop* loop = calloc(1, sizeof(EventLoop));
    if (loop == NULL)
    {
        errno = ENOMEM;
        return NULL;
    }
    loop->wait_descriptor = -1;
    return loop;
}

static void free_loop(EventLoop* loop)
{
    watch_list_clear(&loop->list);
    free(loop);
}

void EventLoop_Close(EventLoop* loop)
{
    if (loop == NULL)
    {
        return;
    }
    if (loop->runs)
    {
        loop->stopped = true;
        loop->closed = true;
        return;
    }
    free_loop(loop);
}

// Calls the handler of the next event that is there; false if there is none.
static bool handle_next(EventLoop* loop)
{
    uint32_t happened;
    struct EventRegistration* registration = (struct EventRegistration*)watch_list_next(&loop->list, &happened);
    if (registration == NULL)
    {
        return false;
    }
    if ((happened & POLLHUP) != 0)
    {
        happened = (happened & ~(uint32_t)POLLHUP) | EventLoop_Error;
    }
    registration->callback(loop, registration->watch.fd, happened, registration->context);
    return true;
}

static EventLoop_Run_Result run(EventLoop* loop, int duration, bool one_event)
{
    double end = duration < 0 ? INFINITY : host_clock_monotonic() + duration;
    EventLoop_Run_Result result = EventLoop_Run_FinishedEmpty;
    while (!loop->stopped)
    {
        host_app_system_call();
        if (handle_next(loop))
        {
            result = EventLoop_Run_Finished;
            if (one_event || duration == 0)
            {
                return result;
            }
        }
        else if (host_clock_monotonic() >= end)
        {
            return result;
        }
        else if (app_wait(fmin(end, watch_list_deadline(&loop->list))) != 0)
        {
            return EventLoop_Run_Failed;
        }
    }
    return result;
}

EventLoop_Run_Result EventLoop_Run(EventLoop* loop, int duration_in_milliseconds, bool process_one_event)
{
    EventLoop_Run_Result result;
    if (loop == NULL || loop->runs)
    {
        errno = loop == NULL ? EFAULT : EBUSY;
        return EventLoop_Run_Failed;
    }
    loop->runs = true;
    loop->stopped = false;
    result = run(loop, duration_in_milliseconds, process_one_event);
    loop->runs = false;
    if (loop->closed)
    {
        free_loop(loop);
    }
    return result;
}

int EventLoop_Stop(EventLoop* loop)
{
    if (loop == NULL)
    {
        return fail(EFAULT);
    }
    loop->stopped = true;
    return 0;
}

int EventLoop_GetWaitDescriptor(EventLoop* loop)
{
    if (loop == NULL)
    {
        return fail(EFAULT);
    }
    if (loop->wait_descriptor < 0)
    {
        loop->wait_descriptor = fd_open(&loop->list.file, &loop_operations, false);
    }
    return loop->wait_descriptor;
}

EventRegistration* EventLoop_RegisterIo(EventLoop* loop, int fd, EventLoop_IoEvents eventBitmask, EventLoopIoCallback* callback,
                                        void* context)
{
    struct EventRegistration* registration;
    if (loop == NULL || callback == NULL)
    {
        errno = EFAULT;
        return NULL;
    }
    if ((eventBitmask & ~ALL_EVENTS) != 0)
    {
        errno = EINVAL;
        return NULL;
    }
    if (fd_find(fd) == NULL)
    {
        return NULL;
    }
    if (watch_list_find(&loop->list, fd) != NULL)
    {
        errno = EEXIST;
        return NULL;
    }
    registration = calloc(1, sizeof(struct EventRegistration));
    if (registration == NULL)
    {
        errno = ENOMEM;
        return NULL;
    }
    registration->watch.fd = fd;
    registration->watch.events = eventBitmask;
    registration->callback = callback;
    registration->context = context;
    return watch_list_add(&loop->list, &registration->watch) == 0 ? registration : NULL;
}

int EventLoop_ModifyIoEvents(EventLoop* loop, EventRegistration* registration, EventLoop_IoEvents eventBitmask)
{
    if (loop == NULL || registration == NULL)
    {
        return fail(EFAULT);
    }
    if ((eventBitmask & ~ALL_EVENTS) != 0)
    {
        return fail(EINVAL);
    }
    registration->watch.events = eventBitmask;
    return 0;
}

int EventLoop_UnregisterIo(EventLoop* loop, EventRegistration* registration)
{
    if (registration == NULL)
    {
        return 0;
    }
    if (loop == NULL)
    {
        return fail(EFAULT);
    }
    watch_list_remove(&loop->list, &registration->watch);
    return 0;
}
