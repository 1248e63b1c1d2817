// The device's power. The manifest's capability PowerControls lists what an app may do: ForceReboot, ForcePowerDown,
// SetPowerProfile; without it EACCES.
#ifndef APPLIBS_POWERMANAGEMENT_H
#define APPLIBS_POWERMANAGEMENT_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef uint32_t PowerManagement_System_PowerProfile;
enum
{
    PowerManagement_PowerSaver = 0,
    PowerManagement_Balanced = 1,
    PowerManagement_HighPerformance = 2 // as the device starts
};

// Begins to restart the device: the app gets SIGTERM. 0, or -1 with EACCES.
int PowerManagement_ForceSystemReboot(void);
// The same, and the device stays off for up to so many seconds; less than 2 are a restart. 0, or -1 with EACCES.
int PowerManagement_ForceSystemPowerDown(unsigned int maximum_residency_in_seconds);
// Holds until the device restarts. 0, or -1 with EACCES, EINVAL (there is no such profile).
int PowerManagement_SetSystemPowerProfile(PowerManagement_System_PowerProfile desired_profile);

#ifdef __cplusplus
}
#endif

#endif
