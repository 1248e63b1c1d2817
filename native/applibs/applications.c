// applibs/applications.h: the memory that the app uses, and the version of the operating system.
#include <applibs/applications.h>

#include <errno.h>

#include "fail.h"
#include "heap.h"
#include "heap_limit.h"
#include "host.h"

size_t Applications_GetTotalMemoryUsageInKB(void)
{
    return Applications_GetUserModeMemoryUsageInKB();
}

size_t Applications_GetUserModeMemoryUsageInKB(void)
{
    return heap_kilobytes(sphere_heap_in_use());
}

size_t Applications_GetPeakUserModeMemoryUsageInKB(void)
{
    return heap_kilobytes(heap_size()); // it grows when it must, and never shrinks
}

int Applications_GetOsVersion(Applications_OsVersion* outVersion)
{
    if (outVersion == NULL)
    {
        return fail(EFAULT);
    }
    host_app_os_version(outVersion->version, sizeof(outVersion->version));
    return 0;
}
