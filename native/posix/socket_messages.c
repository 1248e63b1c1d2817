// Several messages in a call, and what sockets do not have.
#define _GNU_SOURCE
#include <errno.h>
#include <sys/socket.h>
#include <time.h>

#include "refuse.h"

// As Linux: an error after the first message is that of the next call.
int sendmmsg(int fd, struct mmsghdr* messages, unsigned count, unsigned flags)
{
    unsigned sent = 0;
    ssize_t size = 0;
    while (sent < count && size >= 0)
    {
        size = sendmsg(fd, &messages[sent].msg_hdr, (int)flags);
        if (size >= 0)
        {
            messages[sent++].msg_len = (unsigned)size;
        }
    }
    return sent > 0 || size >= 0 ? (int)sent : -1;
}

// Waits for the first message only, as with MSG_WAITFORONE.
int recvmmsg(int fd, struct mmsghdr* messages, unsigned count, unsigned flags, struct timespec* timeout)
{
    unsigned received = 0;
    ssize_t size = 0;
    (void)timeout;
    while (received < count && size >= 0)
    {
        size = recvmsg(fd, &messages[received].msg_hdr,
                       (int)(flags & ~(unsigned)MSG_WAITFORONE) | (received > 0 ? MSG_DONTWAIT : 0));
        if (size >= 0)
        {
            messages[received++].msg_len = (unsigned)size;
        }
    }
    return received > 0 || size >= 0 ? (int)received : -1;
}

int sockatmark(int fd)
{
    (void)fd;
    return REFUSE(EINVAL, "sockets have no urgent data");
}

int socketpair(int domain, int type, int protocol, int fds[2])
{
    (void)domain;
    (void)type;
    (void)protocol;
    (void)fds;
    return REFUSE(EAFNOSUPPORT, "there are no sockets within a process; there is pipe");
}
