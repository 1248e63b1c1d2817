#include <applibs/applications.h>

#include <errno.h>
#include "heap.h"
#include "heap_limit.h"
#include "host.h"

static size_t kilobytes(size_t bytes)
{
    return (bytes + 1023) / 1024;
}

size_t Applications_GetTotalMemoryUsageInKB(void)
{
    return Applications_GetUserModeMemoryUsageInKB();
}

size_t Applications_GetUserModeMemoryUsageInKB(void)
{
    return kilobytes(sphere_heap_in_use());
}

size_t Applications_GetPeakUserModeMemoryUsageInKB(void)
{
    return kilobytes(heap_size()); // it grows when it must, and never shrinks
}

int Applications_GetOsVersion(Applications_OsVersion* outVersion)
{
    if (outVersion == NULL)
    {
        errno = EFAULT;
        return -1;
    }
    host_app_os_version(outVersion->version, sizeof(outVersion->version));
    return 0;
}
