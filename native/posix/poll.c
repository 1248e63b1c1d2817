// poll and select.
#include <errno.h>
#include <math.h>
#include <poll.h>
#include <sys/select.h>

#include "fd_table.h"
#include "host.h"
#include "wait.h"

// How many of the descriptors are ready. `deadline` becomes earlier where one becomes ready by the time that passes.
static int look(struct pollfd* fds, nfds_t count, double* deadline)
{
    int ready = 0;
    for (nfds_t i = 0; i < count; i++)
    {
        fds[i].revents = fds[i].fd < 0 ? 0 : fd_ready(fds[i].fd, fds[i].events);
        ready += fds[i].revents != 0 ? 1 : 0;
        *deadline = fds[i].fd < 0 || (fds[i].events & POLLIN) == 0 ? *deadline : fmin(*deadline, fd_deadline(fds[i].fd));
    }
    return ready;
}

int poll(struct pollfd* fds, nfds_t count, int timeout)
{
    double end;
    host_app_system_call();
    end = timeout < 0 ? INFINITY : host_clock_monotonic() + timeout;
    for (;;)
    {
        double deadline = end;
        int ready = look(fds, count, &deadline);
        if (ready > 0 || host_clock_monotonic() >= end)
        {
            return ready;
        }
        if (app_wait(deadline) != 0)
        {
            return -1;
        }
    }
}

#define HIGHEST_SELECTED 64

// Asks for an event of each descriptor of a set; NULL: there is no set.
static void ask_for(struct pollfd* fds, int count, const fd_set* set, short event)
{
    for (int fd = 0; set != NULL && fd < count; fd++)
    {
        if (FD_ISSET(fd, set))
        {
            fds[fd].fd = fd;
            fds[fd].events |= event;
        }
    }
}

// Leaves in a set those that one of the events has come for; their count.
static int keep(const struct pollfd* fds, int count, fd_set* set, short events)
{
    int ready = 0;
    for (int fd = 0; set != NULL && fd < count; fd++)
    {
        if (FD_ISSET(fd, set) && (fds[fd].revents & events) == 0)
        {
            FD_CLR(fd, set);
        }
        ready += FD_ISSET(fd, set) ? 1 : 0;
    }
    return ready;
}

int select(int count, fd_set* restrict reading, fd_set* restrict writing, fd_set* restrict excepted,
           struct timeval* restrict timeout)
{
    struct pollfd fds[HIGHEST_SELECTED];
    int milliseconds = timeout == NULL ? -1 : (int)(timeout->tv_sec * 1000 + (timeout->tv_usec + 999) / 1000);
    if (count < 0 || count > HIGHEST_SELECTED)
    {
        errno = EINVAL;
        return -1;
    }
    for (int fd = 0; fd < count; fd++)
    {
        fds[fd] = (struct pollfd){.fd = -1};
    }
    ask_for(fds, count, reading, POLLIN);
    ask_for(fds, count, writing, POLLOUT);
    ask_for(fds, count, excepted, POLLPRI);
    if (poll(fds, (nfds_t)count, milliseconds) < 0)
    {
        return -1;
    }
    return keep(fds, count, reading, POLLIN | POLLHUP | POLLERR) + keep(fds, count, writing, POLLOUT | POLLERR) +
           keep(fds, count, excepted, POLLPRI);
}
