#include <applibs/rtc.h>

#include "host.h"
#include "host_error.h"

int clock_systohc(void)
{
    return host_result(host_time_keep());
}
