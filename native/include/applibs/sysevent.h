// Notifications of software updates. The manifest's capability SystemEventNotifications lets an app have them,
// SoftwareUpdateDeferral lets it put an update off; without them EACCES.
#ifndef APPLIBS_SYSEVENT_H
#define APPLIBS_SYSEVENT_H

#include <stdint.h>

#include <applibs/eventloop.h>

#ifdef __cplusplus
extern "C" {
#endif

// Flags.
typedef uint32_t SysEvent_Events;
enum
{
    SysEvent_Events_None = 0x00,
    SysEvent_Events_UpdateReadyForInstall = 0x01,                   // downloaded
    SysEvent_Events_Update = SysEvent_Events_UpdateReadyForInstall, // deprecated
    SysEvent_Events_UpdateStarted = 0x02,
    SysEvent_Events_NoUpdateAvailable = 0x04,
    SysEvent_Events_Mask = 0x07
};

// Of an update that is ready for installation; the other events have none: Invalid.
typedef uint32_t SysEvent_Status;
enum
{
    SysEvent_Status_Invalid = 0,
    SysEvent_Status_Pending = 1,                         // 10 seconds from now it is final, unless it is deferred
    SysEvent_Status_Final = 2,                           // 10 seconds from now it is installed
    SysEvent_Status_Deferred = 3,                        // pending again when that is over
    SysEvent_Status_Rejected = SysEvent_Status_Deferred, // deprecated
    SysEvent_Status_Complete = 4                         // of another app's update: installed
};

typedef uint32_t SysEvent_UpdateType;
enum
{
    SysEvent_UpdateType_Invalid = 0,
    SysEvent_UpdateType_App = 1,
    SysEvent_UpdateType_System = 2 // the operating system's: the device restarts
};

typedef struct SysEvent_Info_UpdateData
{
    unsigned int max_deferral_time_in_minutes; // while it is pending
    SysEvent_UpdateType update_type;
} SysEvent_Info_UpdateData;

// Of one event, until the callback returns.
typedef struct SysEvent_Info SysEvent_Info;

// Called by the event loop, once for each event.
typedef void SysEvent_EventsCallback(SysEvent_Events event, SysEvent_Status state, const SysEvent_Info* info, void* context);

// 0, or -1 with EFAULT, EINVAL (`info` is not of SysEvent_Events_UpdateReadyForInstall).
int SysEvent_Info_GetUpdateData(const SysEvent_Info* info, SysEvent_Info_UpdateData* update_info);
// To be unregistered before the loop is closed; one at a time. NULL with EACCES, EFAULT, EINVAL (no events, or unknown ones), EBUSY
// (there is one), ENOMEM, EMFILE.
EventRegistration* SysEvent_RegisterForEventNotifications(EventLoop* el, SysEvent_Events eventBitmask,
                                                          SysEvent_EventsCallback* callback, void* context);
// 0, or -1 with EFAULT, EINVAL (it is not registered).
int SysEvent_UnregisterForEventNotifications(EventRegistration* reg);
// Puts an update off that is pending, for so long, or for as long as is allowed. 0, or -1 with EACCES, EINVAL (an event that can't be
// put off, no time, or the update is not pending).
int SysEvent_DeferEvent(SysEvent_Events event, uint32_t requested_defer_time_in_minutes);
// Ends a deferral: the update is final. 0, or -1 with EACCES, EINVAL (an event that can't be put off, or that is not).
int SysEvent_ResumeEvent(SysEvent_Events event);

#ifdef __cplusplus
}
#endif

#endif
