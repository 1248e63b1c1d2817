// poll and select with the signals of a mask blocked: a signal that it lets through ends them, also one that was pending.
#define _GNU_SOURCE
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <sys/select.h>
#include <time.h>

#include "signals.h"
#include "timespec.h"

#define NANOSECONDS_PER_MILLISECOND 1000000

// Blocks what the mask says, if there is one; `old` is what was blocked before. false, with EINTR: a handler ran.
static bool begin(const sigset_t* mask, sigset_t* old)
{
    if (mask == NULL)
    {
        return true;
    }
    *old = signals_block(mask);
    errno = EINTR;
    return signals_deliver_pending() == 0;
}

static void end(const sigset_t* mask, const sigset_t* old)
{
    int kept = errno;
    if (mask != NULL)
    {
        (void)signals_block(old);
        (void)signals_deliver_pending();
    }
    errno = kept;
}

int ppoll(struct pollfd* fds, nfds_t count, const struct timespec* timeout, const sigset_t* mask)
{
    int milliseconds = -1;
    sigset_t old;
    int result;
    if (timeout != NULL)
    {
        if (!timespec_is_valid(timeout))
        {
            errno = EINVAL;
            return -1;
        }
        // More than an int holds is as good as for ever.
        milliseconds = timeout->tv_sec >= INT_MAX / 1000
                           ? -1
                           : (int)timeout->tv_sec * 1000 +
                                 (int)((timeout->tv_nsec + NANOSECONDS_PER_MILLISECOND - 1) / NANOSECONDS_PER_MILLISECOND);
    }
    result = begin(mask, &old) ? poll(fds, count, milliseconds) : -1;
    end(mask, &old);
    return result;
}

int pselect(int count, fd_set* restrict reading, fd_set* restrict writing, fd_set* restrict excepted,
            const struct timespec* restrict timeout, const sigset_t* restrict mask)
{
    struct timeval time;
    sigset_t old;
    int result;
    if (timeout != NULL)
    {
        time = (struct timeval){.tv_sec = timeout->tv_sec, .tv_usec = (suseconds_t)((timeout->tv_nsec + 999) / 1000)};
    }
    result = begin(mask, &old) ? select(count, reading, writing, excepted, timeout == NULL ? NULL : &time) : -1;
    end(mask, &old);
    return result;
}
