// poll and select with the signals of a mask blocked. A signal that comes between the mask and the wait ends the wait.
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/select.h>
#include <time.h>

#define NANOSECONDS_PER_MILLISECOND 1000000

static void restore(const sigset_t* mask)
{
    int kept = errno;
    (void)sigprocmask(SIG_SETMASK, mask, NULL);
    errno = kept;
}

int ppoll(struct pollfd* fds, nfds_t count, const struct timespec* timeout, const sigset_t* mask)
{
    int milliseconds = timeout == NULL ? -1
                                       : (int)timeout->tv_sec * 1000 +
                                             (int)((timeout->tv_nsec + NANOSECONDS_PER_MILLISECOND - 1) / NANOSECONDS_PER_MILLISECOND);
    sigset_t old;
    int result;
    if (mask == NULL)
    {
        return poll(fds, count, milliseconds);
    }
    (void)sigprocmask(SIG_SETMASK, mask, &old);
    result = poll(fds, count, milliseconds);
    restore(&old);
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
    if (mask == NULL)
    {
        return select(count, reading, writing, excepted, timeout == NULL ? NULL : &time);
    }
    (void)sigprocmask(SIG_SETMASK, mask, &old);
    result = select(count, reading, writing, excepted, timeout == NULL ? NULL : &time);
    restore(&old);
    return result;
}
