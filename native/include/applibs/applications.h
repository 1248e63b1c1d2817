// What an app takes of the device, and the operating system under it.
#ifndef APPLIBS_APPLICATIONS_H
#define APPLIBS_APPLICATIONS_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

// With the NUL.
#define MAX_OS_VERSION_LENGTH 16

typedef struct Applications_OsVersion
{
    char version[MAX_OS_VERSION_LENGTH];
} Applications_OsVersion;

// The memory that is in use, in KiB: what the app has allocated. Nothing is counted of a kernel.
size_t Applications_GetTotalMemoryUsageInKB(void);
// The same here.
size_t Applications_GetUserModeMemoryUsageInKB(void);
// The most that it has been, with what lay free between blocks.
size_t Applications_GetPeakUserModeMemoryUsageInKB(void);
// 0, or -1 with EFAULT.
int Applications_GetOsVersion(Applications_OsVersion* outVersion);

#ifdef __cplusplus
}
#endif

#endif
