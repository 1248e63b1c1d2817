// Messages of several parts, several messages in a call, and what sockets do not have.
#define _GNU_SOURCE
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "fail.h"
#include "refuse.h"

// ---- messages of several parts

// In bytes; -1 with errno for more parts than a message may have, or more bytes than a count can tell.
static ssize_t size_of_parts(const struct msghdr* message)
{
    size_t size = 0;
    if ((size_t)message->msg_iovlen > IOV_MAX)
    {
        return fail(EMSGSIZE);
    }
    for (int i = 0; i < (int)message->msg_iovlen; i++)
    {
        if (message->msg_iov[i].iov_len > INT_MAX - size)
        {
            return fail(EINVAL);
        }
        size += message->msg_iov[i].iov_len;
    }
    return (ssize_t)size;
}

// A block for what the parts hold together; NULL with errno.
static char* block_for(const struct msghdr* message, size_t* size)
{
    ssize_t all = message == NULL ? fail(EFAULT) : size_of_parts(message);
    char* bytes = all < 0 ? NULL : malloc((size_t)all + 1);
    *size = (size_t)all;
    if (bytes == NULL && all >= 0)
    {
        errno = ENOMEM;
    }
    return bytes;
}

ssize_t sendmsg(int fd, const struct msghdr* message, int flags)
{
    size_t size;
    char* bytes = block_for(message, &size);
    ssize_t count;
    if (bytes == NULL)
    {
        return -1;
    }
    size = 0;
    for (int i = 0; i < (int)message->msg_iovlen; i++)
    {
        (void)memcpy(bytes + size, message->msg_iov[i].iov_base, message->msg_iov[i].iov_len);
        size += message->msg_iov[i].iov_len;
    }
    count = sendto(fd, bytes, size, flags, message->msg_name, message->msg_namelen);
    free(bytes);
    return count;
}

ssize_t recvmsg(int fd, struct msghdr* message, int flags)
{
    size_t size;
    char* bytes = block_for(message, &size);
    size_t given = 0;
    ssize_t count;
    if (bytes == NULL)
    {
        return -1;
    }
    count = recvfrom(fd, bytes, size, flags | MSG_TRUNC, message->msg_name, &message->msg_namelen);
    message->msg_flags = count > (ssize_t)size ? MSG_TRUNC : 0;
    message->msg_controllen = 0;
    count = count > (ssize_t)size && (flags & MSG_TRUNC) == 0 ? (ssize_t)size : count;
    for (int i = 0; i < (int)message->msg_iovlen && count > 0 && given < (size_t)count; i++)
    {
        size_t left = (size_t)count - given;
        size_t part = message->msg_iov[i].iov_len < left ? message->msg_iov[i].iov_len : left;
        (void)memcpy(message->msg_iov[i].iov_base, bytes + given, part);
        given += part;
    }
    free(bytes);
    return count;
}

// ---- several messages

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
