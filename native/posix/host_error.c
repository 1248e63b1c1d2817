#include "host_error.h"

#include <errno.h>

#include "host.h"

#define CASE(name, number, errno_number) \
    case HOST_ERROR_##name: \
        errno = errno_number; \
        break;

int host_result(int result)
{
    if (result >= 0)
    {
        return result;
    }
    switch (result)
    {
        HOST_ERRORS(CASE)
        default:
            errno = EIO;
            break;
    }
    return -1;
}
