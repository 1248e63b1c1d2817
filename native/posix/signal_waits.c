// What waits for signals, with and without their handlers.
#define _GNU_SOURCE
#include <errno.h>
#include <math.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

#include "host.h"
#include "signals.h"
#include "timespec.h"
#include "wait.h"

// Until a handler has run.
static int wait_for_handler(void)
{
    while (app_wait(INFINITY) == 0)
    {}
    errno = EINTR;
    return -1;
}

int sigpending(sigset_t* set)
{
    (void)app_deliver_signals();
    *set = signals_pending();
    return 0;
}

int pause(void)
{
    return wait_for_handler();
}

int sigsuspend(const sigset_t* mask)
{
    const sigset_t old = signals_block(mask);
    if (signals_deliver_pending() == 0)
    {
        (void)wait_for_handler();
    }
    (void)signals_block(&old);
    (void)signals_deliver_pending();
    errno = EINTR;
    return -1;
}

// The number of a signal that was taken, or -1 with EAGAIN (time), EINTR (a handler ran).
static int wait_until(const sigset_t* set, siginfo_t* info, double until)
{
    host_app_system_call(); // an app that polls lets time pass, too
    while (!signals_take(set, info))
    {
        if (host_clock_monotonic() >= until)
        {
            errno = EAGAIN;
            return -1;
        }
        if (app_wait(until) != 0)
        {
            return signals_take(set, info) ? info->si_signo : -1;
        }
    }
    return info->si_signo;
}

int sigtimedwait(const sigset_t* restrict set, siginfo_t* restrict info, const struct timespec* restrict timeout)
{
    siginfo_t taken = {.si_signo = 0};
    sigset_t old;
    double until = INFINITY;
    int result;
    if (timeout != NULL)
    {
        if (!timespec_is_valid(timeout))
        {
            errno = EINVAL;
            return -1;
        }
        until = host_clock_monotonic() + timespec_milliseconds(timeout);
    }
    // This wait gets them, and not their handlers.
    (void)pthread_sigmask(SIG_BLOCK, set, &old);
    result = wait_until(set, &taken, until);
    (void)signals_block(&old);
    if (result > 0 && info != NULL)
    {
        *info = taken;
    }
    return result;
}

int sigwaitinfo(const sigset_t* restrict set, siginfo_t* restrict info)
{
    return sigtimedwait(set, info, NULL);
}

// 0, or EINVAL; a handler does not end it.
int sigwait(const sigset_t* restrict set, int* restrict number)
{
    siginfo_t info;
    int kept = errno;
    while (sigtimedwait(set, &info, NULL) < 0)
    {}
    errno = kept;
    *number = info.si_signo;
    return 0;
}
