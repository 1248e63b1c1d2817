#include "wait.h"

#include <emscripten/stack.h>
#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

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

// Of the linker: where the stack ends. It grows downwards. Older linkers have it between the data and the heap, and no name for it.
extern char __stack_low __attribute__((weak));
extern char __stack_high __attribute__((weak));
extern char __data_end;
extern char __heap_base;

// Asked after a crash, where the stack pointer still is as it was then: whether it has left the stack.
__attribute__((export_name("sphere_app_stack_overflowed"))) int sphere_app_stack_overflowed(void)
{
    uintptr_t low = (uintptr_t)(&__stack_high == NULL ? &__data_end : &__stack_low);
    uintptr_t now = emscripten_stack_get_current();
    return now < low || now > (uintptr_t)&__heap_base;
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
