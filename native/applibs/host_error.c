#include "host_error.h"

#include <errno.h>

#include "host.h"

int host_result(int result)
{
    if (result >= 0)
    {
        return result;
    }
    switch (result)
    {
        case HOST_ERROR_ACCESS:
            errno = EACCES;
            break;
        case HOST_ERROR_NO_DEVICE:
            errno = ENODEV;
            break;
        case HOST_ERROR_BUSY:
            errno = EBUSY;
            break;
        case HOST_ERROR_NO_ENTRY:
            errno = ENOENT;
            break;
        case HOST_ERROR_NO_SPACE:
            errno = ENOSPC;
            break;
        case HOST_ERROR_INVALID:
            errno = EINVAL;
            break;
        case HOST_ERROR_NO_ANSWER:
            errno = ENXIO;
            break;
        case HOST_ERROR_TIMED_OUT:
            errno = ETIMEDOUT;
            break;
        case HOST_ERROR_AGAIN:
            errno = EAGAIN;
            break;
        case HOST_ERROR_IN_PROGRESS:
            errno = EINPROGRESS;
            break;
        case HOST_ERROR_ALREADY:
            errno = EALREADY;
            break;
        case HOST_ERROR_CONNECTED:
            errno = EISCONN;
            break;
        case HOST_ERROR_NOT_CONNECTED:
            errno = ENOTCONN;
            break;
        case HOST_ERROR_REFUSED:
            errno = ECONNREFUSED;
            break;
        case HOST_ERROR_RESET:
            errno = ECONNRESET;
            break;
        case HOST_ERROR_BROKEN:
            errno = EPIPE;
            break;
        case HOST_ERROR_UNREACHABLE:
            errno = EHOSTUNREACH;
            break;
        case HOST_ERROR_NO_NETWORK:
            errno = ENETUNREACH;
            break;
        case HOST_ERROR_ADDRESS_IN_USE:
            errno = EADDRINUSE;
            break;
        case HOST_ERROR_NO_ADDRESS:
            errno = EDESTADDRREQ;
            break;
        case HOST_ERROR_TOO_LONG:
            errno = EMSGSIZE;
            break;
        case HOST_ERROR_UNSUPPORTED:
            errno = EOPNOTSUPP;
            break;
        case HOST_ERROR_PERMISSION:
            errno = EPERM;
            break;
        case HOST_ERROR_EXISTS:
            errno = EEXIST;
            break;
        case HOST_ERROR_NO_DATA:
            errno = ENODATA;
            break;
        case HOST_ERROR_NETWORK_DOWN:
            errno = ENETDOWN;
            break;
        case HOST_ERROR_RANGE:
            errno = ERANGE;
            break;
        default:
            errno = EIO;
            break;
    }
    return -1;
}
