#include "wait.h"

#include <errno.h>
#include <math.h>

#include "host.h"
#include "timer.h"

#define READINGS_BEFORE_WAIT 1000

static int readings = 0;

int app_wait(double until)
{
    readings = 0;
    if (app_deliver_signals() == 0)
    {
        host_app_wait(fmin(until, app_timers_deadline()));
        if (app_deliver_signals() == 0)
        {
            return 0;
        }
    }
    errno = EINTR;
    return -1;
}

void app_clock_was_read(void)
{
    int kept = errno;
    if (++readings >= READINGS_BEFORE_WAIT)
    {
        (void)app_wait(host_clock_monotonic() + 1);
        errno = kept;
    }
}

double app_now(void)
{
    app_clock_was_read();
    return host_clock_monotonic();
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
