#include <applibs/applications.h>
#include <stdlib.h>

#include "../check.h"

#define KILOBYTES 200

static char* volatile block; // so that it is allocated indeed

void Memory(void)
{
    Applications_OsVersion version;
    size_t before = Applications_GetUserModeMemoryUsageInKB();
    size_t peak = Applications_GetPeakUserModeMemoryUsageInKB();
    block = malloc(KILOBYTES * 1024);
    CHECK(block != NULL && before < 100 && peak >= before && peak < 200);
    memset(block, 1, KILOBYTES * 1024);
    CHECK(Applications_GetUserModeMemoryUsageInKB() >= before + KILOBYTES);
    CHECK(Applications_GetUserModeMemoryUsageInKB() <= before + KILOBYTES + 1);
    CHECK(Applications_GetTotalMemoryUsageInKB() == Applications_GetUserModeMemoryUsageInKB());
    peak = Applications_GetPeakUserModeMemoryUsageInKB();
    CHECK(peak >= before + KILOBYTES && peak <= before + KILOBYTES + 100);
    free(block);
    CHECK(Applications_GetUserModeMemoryUsageInKB() <= before + 1);
    CHECK(Applications_GetPeakUserModeMemoryUsageInKB() == peak);
    CHECK_ERROR(Applications_GetOsVersion(NULL), EFAULT);
    CHECK(Applications_GetOsVersion(&version) == 0);
    Log_Debug("OS %s\n", version.version);
}
