// The one table of file descriptors: all that an app can read, write, poll or close.
#ifndef SPHERE_IOT_FD_TABLE_H
#define SPHERE_IOT_FD_TABLE_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

typedef struct OPEN_FILE_TAG OPEN_FILE;
struct SOCKET_OPERATIONS_TAG;
struct stat;

// More than a Sphere app, with its 256 KiB, has use for.
#define FD_COUNT 256

// The bytes that one call reads or writes at most, as on Linux: a larger count would be negative as a result.
static inline size_t fd_transfer(size_t size)
{
    return size < 0x7ffff000u ? size : 0x7ffff000u;
}

// What a kind of file can do. A function that is missing is an operation that such a file does not have (EINVAL).
typedef struct FILE_OPERATIONS_TAG
{
    // As read and write, but never waiting, unless `waits`: -1 with EAGAIN where they would.
    ssize_t (*read)(OPEN_FILE* file, void* buffer, size_t size);
    ssize_t (*write)(OPEN_FILE* file, const void* bytes, size_t size);
    // `read` and `write` wait themselves, where the file does: those of sockets, which have time-outs.
    bool waits;
    off_t (*seek)(OPEN_FILE* file, off_t offset, int whence);
    // What is so now: POLLIN, POLLOUT, POLLERR, POLLHUP. Missing: readable and writable at all times.
    short (*ready)(OPEN_FILE* file);
    // When it becomes ready by the time that passes, in clock milliseconds (host_clock_monotonic). Missing: never.
    double (*deadline)(OPEN_FILE* file);
    // What fstat says beyond zeros. Missing: no file and no folder.
    void (*status)(OPEN_FILE* file, struct stat* status);
    // What a socket does beside; missing: it is none (socket.h).
    const struct SOCKET_OPERATIONS_TAG* socket;
    // Frees the file: its last descriptor was closed.
    void (*close)(OPEN_FILE* file);
} FILE_OPERATIONS;

// The head of every open file.
struct OPEN_FILE_TAG
{
    const FILE_OPERATIONS* operations;
    int descriptors;
    bool nonblocking;
};

// Gives a file its descriptor, the lowest that is free; -1 with EMFILE. The file is the table's, also after a failure.
int fd_open(OPEN_FILE* file, const FILE_OPERATIONS* operations, bool nonblocking);
// The file of a descriptor, which stays the table's; NULL with EBADF.
OPEN_FILE* fd_find(int fd);
// The same, of one kind; NULL with EBADF.
OPEN_FILE* fd_find_kind(int fd, const FILE_OPERATIONS* operations);
// What poll says of a descriptor where `wanted` is asked for; POLLNVAL if it is none.
short fd_ready(int fd, short wanted);
// When a descriptor becomes ready by the time that passes; INFINITY: never.
double fd_deadline(int fd);
// Waits until an operation that said EAGAIN is worth another try. -1 where there is nothing to wait for, where `end` (clock
// milliseconds) has come, or with EINTR after a signal.
int fd_wait(const OPEN_FILE* file, double end);

#endif
