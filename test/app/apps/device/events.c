#include <applibs/eventloop.h>
#include <applibs/sysevent.h>
#include <signal.h>
#include <stdbool.h>

#include "../check.h"

static volatile sig_atomic_t terminated = 0;
static bool complete = false;
static EventRegistration* registration;

static void OnTermination(int number)
{
    (void)number;
    terminated = 1;
}

static void OnEvent(SysEvent_Events event, SysEvent_Status status, const SysEvent_Info* info, void* context)
{
    SysEvent_Info_UpdateData data = {0};
    int asked = *(int*)context;
    if (event != SysEvent_Events_UpdateReadyForInstall)
    {
        Log_Debug("event %u %u\n", event, status);
        CHECK_ERROR(SysEvent_Info_GetUpdateData(info, &data), EINVAL);
        CHECK_ERROR(SysEvent_DeferEvent(event, 1), EINVAL);
        return;
    }
    CHECK(SysEvent_Info_GetUpdateData(info, &data) == 0);
    CHECK_ERROR(SysEvent_Info_GetUpdateData(NULL, &data), EFAULT);
    CHECK_ERROR(SysEvent_Info_GetUpdateData(info, NULL), EFAULT);
    Log_Debug("update %u %u %u\n", status, data.update_type, data.max_deferral_time_in_minutes);
    if (status == SysEvent_Status_Pending && asked > 0)
    {
        CHECK_ERROR(SysEvent_ResumeEvent(event), EINVAL); // not deferred
        CHECK_ERROR(SysEvent_DeferEvent(event, 0), EINVAL);
        CHECK(SysEvent_DeferEvent(event, (uint32_t)asked) == 0);
        CHECK_ERROR(SysEvent_DeferEvent(event, 1), EINVAL); // not pending
    }
    complete = status == SysEvent_Status_Complete;
}

static EventLoop* Start(int* minutes)
{
    const struct sigaction action = {.sa_handler = OnTermination};
    EventLoop* loop = EventLoop_Create();
    CHECK(sigaction(SIGTERM, &action, NULL) == 0);
    CHECK(SysEvent_RegisterForEventNotifications(NULL, SysEvent_Events_Mask, OnEvent, NULL) == NULL && errno == EFAULT);
    CHECK(SysEvent_RegisterForEventNotifications(loop, SysEvent_Events_Mask, NULL, NULL) == NULL && errno == EFAULT);
    CHECK(SysEvent_RegisterForEventNotifications(loop, SysEvent_Events_None, OnEvent, NULL) == NULL && errno == EINVAL);
    CHECK(SysEvent_RegisterForEventNotifications(loop, 8, OnEvent, NULL) == NULL && errno == EINVAL);
    registration = SysEvent_RegisterForEventNotifications(loop, SysEvent_Events_Mask, OnEvent, minutes);
    CHECK(registration != NULL);
    CHECK(SysEvent_RegisterForEventNotifications(loop, SysEvent_Events_Mask, OnEvent, NULL) == NULL && errno == EBUSY);
    CHECK_ERROR(SysEvent_DeferEvent(SysEvent_Events_UpdateReadyForInstall, 1), EINVAL); // there is no update
    return loop;
}

static void Run(EventLoop* loop)
{
    Log_Debug("ready\n");
    while (!terminated && !complete && EventLoop_Run(loop, -1, true) != EventLoop_Run_Failed)
    {
    }
    CHECK(complete || errno == EINTR);
    CHECK_ERROR(SysEvent_UnregisterForEventNotifications(NULL), EFAULT);
    CHECK(SysEvent_UnregisterForEventNotifications(registration) == 0);
    CHECK_ERROR(SysEvent_UnregisterForEventNotifications(registration), EINVAL);
    EventLoop_Close(loop);
}

// Lets updates be installed.
void Updates(void)
{
    int none = 0;
    Run(Start(&none));
}

// Puts updates off, for 40 minutes each time.
void Deferrals(void)
{
    int minutes = 40;
    Run(Start(&minutes));
}

// Puts one off, and has it go on an hour later.
void Resumed(void)
{
    int minutes = 600;
    EventLoop* loop = Start(&minutes);
    Log_Debug("wait\n");
    CHECK(EventLoop_Run(loop, 3600 * 1000, false) == EventLoop_Run_Finished);
    CHECK_ERROR(SysEvent_ResumeEvent(SysEvent_Events_NoUpdateAvailable), EINVAL);
    CHECK(SysEvent_ResumeEvent(SysEvent_Events_UpdateReadyForInstall) == 0);
    Run(loop);
}

// Without the capabilities.
void EventsRefused(void)
{
    EventLoop* loop = EventLoop_Create();
    CHECK(SysEvent_RegisterForEventNotifications(loop, SysEvent_Events_Mask, OnEvent, NULL) == NULL && errno == EACCES);
    CHECK_ERROR(SysEvent_DeferEvent(SysEvent_Events_UpdateReadyForInstall, 1), EACCES);
    CHECK_ERROR(SysEvent_ResumeEvent(SysEvent_Events_UpdateReadyForInstall), EACCES);
    EventLoop_Close(loop);
}
