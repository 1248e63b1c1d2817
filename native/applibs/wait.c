#include "wait.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>

#include "host.h"
#include "timer.h"

int app_wait(double until)
{
    if (app_expire_timers() == 0)
    {
        bool signalled = host_app_wait(fmin(until, app_timers_deadline())) != 0;
        if ((signalled ? app_deliver_signals() : app_expire_timers()) == 0)
        {
            return 0;
        }
    }
    errno = EINTR;
    return -1;
}

// Called at the head of a loop of the app once it has called the host, or gone round, so often without a wait that time has to
// pass (native/cmake/package/instrument.cjs). Signals and timers are served, as where it waits.
__attribute__((export_name("sphere_app_yield"))) void sphere_app_yield(void)
{
    int kept = errno;
    double until = host_app_spun();
    if (until > 0)
    {
        (void)app_wait(until);
    }
    errno = kept;
}

// Called by functions of the app that call themselves, once they have done so very often. It does not wait: how deep the stack
// is, nobody knows.
__attribute__((export_name("sphere_app_watch"))) void sphere_app_watch(void)
{
    host_app_watch();
}

// What Asyncify saves of the stack while the app is suspended: {next, end} and the room itself. Static, since a heap that is
// limited must not know of it.
static struct
{
    char* next;
    char* end;
    char room[64 * 1024];
} suspended_stack;

__attribute__((export_name("sphere_app_suspended_stack"))) void* sphere_app_suspended_stack(void)
{
    suspended_stack.next = suspended_stack.room;
    suspended_stack.end = suspended_stack.room + sizeof(suspended_stack.room);
    return &suspended_stack;
}
