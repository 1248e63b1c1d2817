// applibs/powermanagement.h: reboot, power down and profiles (src/app/host/system/power.ts).
#include <applibs/powermanagement.h>

#include "host.h"
#include "host_error.h"

int PowerManagement_ForceSystemReboot(void)
{
    return host_result(host_power_reboot());
}

int PowerManagement_ForceSystemPowerDown(unsigned int maximum_residency_in_seconds)
{
    return host_result(host_power_down(maximum_residency_in_seconds));
}

int PowerManagement_SetSystemPowerProfile(PowerManagement_System_PowerProfile desired_profile)
{
    return host_result(host_power_profile((int)desired_profile));
}
