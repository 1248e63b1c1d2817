// applibs/rtc.h: keeps the time in the hardware clock (src/app/host/system/system-time.ts).
#include <applibs/rtc.h>

#include "host.h"
#include "host_error.h"

int clock_systohc(void)
{
    return host_result(host_time_keep());
}
