#include "wait.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>

#include "host.h"
#include "signals.h"
#include "timer.h"

int app_deliver_signals(void)
{
    int ran = signals_receive();
    return ran + app_expire_timers();
}

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
