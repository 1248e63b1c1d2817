// applibs/sysevent.h: a file that is readable while events wait, on the app's event loop (src/app/host/system/system-events.ts).
#include <applibs/sysevent.h>

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "fail.h"
#include "fd_table.h"
#include "host.h"
#include "host_error.h"

struct SysEvent_Info
{
    HOST_SYSTEM_EVENT event;
};

static struct
{
    EventLoop* loop;
    EventRegistration* registration; // NULL: there is none
    int fd;
    SysEvent_EventsCallback* callback;
    void* context;
} current;

static short events_ready(OPEN_FILE* file)
{
    (void)file;
    return host_system_events_waiting() > 0 ? POLLIN : 0;
}

static void events_close(OPEN_FILE* file)
{
    host_system_events_unregister();
    free(file);
}

static const FILE_OPERATIONS events_operations = {.ready = events_ready, .close = events_close};

static void on_event(EventLoop* loop, int fd, EventLoop_IoEvents events, void* context)
{
    SysEvent_Info info;
    (void)loop;
    (void)fd;
    (void)events;
    (void)context;
    if (host_system_events_next(&info.event) == 0)
    {
        current.callback(info.event.event, info.event.status, &info, current.context);
    }
}

// Opens the file that is readable while events wait. false with errno; then nothing is registered with the host.
static bool open_file(SysEvent_Events events)
{
    OPEN_FILE* file;
    if (host_result(host_system_events_register((int)events)) < 0)
    {
        return false;
    }
    file = calloc(1, sizeof(OPEN_FILE));
    if (file == NULL)
    {
        host_system_events_unregister();
        errno = ENOMEM;
        return false;
    }
    current.fd = fd_open(file, &events_operations, true);
    return current.fd >= 0;
}

EventRegistration* SysEvent_RegisterForEventNotifications(EventLoop* el, SysEvent_Events eventBitmask,
                                                          SysEvent_EventsCallback* callback, void* context)
{
    if (el == NULL || callback == NULL)
    {
        errno = EFAULT;
        return NULL;
    }
    if (eventBitmask == SysEvent_Events_None || (eventBitmask & ~(SysEvent_Events)SysEvent_Events_Mask) != 0)
    {
        errno = EINVAL;
        return NULL;
    }
    if (current.registration != NULL)
    {
        errno = EBUSY;
        return NULL;
    }
    if (!open_file(eventBitmask))
    {
        return NULL;
    }
    current.loop = el;
    current.callback = callback;
    current.context = context;
    current.registration = EventLoop_RegisterIo(el, current.fd, EventLoop_Input, on_event, NULL);
    if (current.registration == NULL)
    {
        int kept = errno;
        (void)close(current.fd);
        errno = kept;
    }
    return current.registration;
}

int SysEvent_UnregisterForEventNotifications(EventRegistration* reg)
{
    if (reg == NULL || reg != current.registration)
    {
        return fail(reg == NULL ? EFAULT : EINVAL);
    }
    (void)EventLoop_UnregisterIo(current.loop, reg);
    current.registration = NULL;
    return close(current.fd);
}

int SysEvent_Info_GetUpdateData(const SysEvent_Info* info, SysEvent_Info_UpdateData* update_info)
{
    if (info == NULL || update_info == NULL)
    {
        return fail(EFAULT);
    }
    if (info->event.event != SysEvent_Events_UpdateReadyForInstall)
    {
        return fail(EINVAL);
    }
    update_info->max_deferral_time_in_minutes = info->event.max_minutes;
    update_info->update_type = info->event.type;
    return 0;
}

int SysEvent_DeferEvent(SysEvent_Events event, uint32_t requested_defer_time_in_minutes)
{
    return host_result(host_system_events_defer((int)event, requested_defer_time_in_minutes));
}

int SysEvent_ResumeEvent(SysEvent_Events event)
{
    return host_result(host_system_events_resume((int)event));
}
