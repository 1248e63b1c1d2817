// How the host refuses. Where a function of an application's section can fail, it returns one of HOST_ERROR_…, which
// native/posix/host_error.c makes an errno of.
#ifndef SPHERE_IOT_HOST_ERRORS_H
#define SPHERE_IOT_HOST_ERRORS_H

// X(name, number, errno). ACCESS: the manifest lacks the capability; the host has logged which. Those from AGAIN on are of sockets.
#define HOST_ERRORS(X) \
    X(ACCESS, -1, EACCES) \
    X(NO_DEVICE, -2, ENODEV) \
    X(BUSY, -3, EBUSY) \
    X(NO_ENTRY, -4, ENOENT) \
    X(IO, -5, EIO) \
    X(NO_SPACE, -6, ENOSPC) \
    X(INVALID, -7, EINVAL) \
    X(NO_ANSWER, -8, ENXIO) \
    X(TIMED_OUT, -9, ETIMEDOUT) \
    X(PERMISSION, -21, EPERM) \
    X(EXISTS, -22, EEXIST) \
    X(NO_DATA, -23, ENODATA) \
    X(NETWORK_DOWN, -24, ENETDOWN) \
    X(RANGE, -25, ERANGE) \
    X(AGAIN, -30, EAGAIN) \
    X(IN_PROGRESS, -31, EINPROGRESS) \
    X(ALREADY, -32, EALREADY) \
    X(CONNECTED, -33, EISCONN) \
    X(NOT_CONNECTED, -34, ENOTCONN) \
    X(REFUSED, -35, ECONNREFUSED) \
    X(RESET, -36, ECONNRESET) \
    X(BROKEN, -37, EPIPE) \
    X(UNREACHABLE, -38, EHOSTUNREACH) \
    X(NO_NETWORK, -39, ENETUNREACH) \
    X(ADDRESS_IN_USE, -40, EADDRINUSE) \
    X(NO_ADDRESS, -41, EDESTADDRREQ) \
    X(TOO_LONG, -42, EMSGSIZE) \
    X(UNSUPPORTED, -43, EOPNOTSUPP)

#define HOST_ERROR_NUMBER(name, number, errno_number) HOST_ERROR_##name = (number),
enum HOST_ERROR
{
    HOST_ERRORS(HOST_ERROR_NUMBER)
};

#endif
