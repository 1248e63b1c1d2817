#include <applibs/powermanagement.h>
#include <signal.h>
#include <unistd.h>

#include "../check.h"

static volatile sig_atomic_t terminated = 0;

static void OnTermination(int number)
{
    (void)number;
    terminated = 1;
}

static void Handle(void)
{
    const struct sigaction action = {.sa_handler = OnTermination};
    CHECK(sigaction(SIGTERM, &action, NULL) == 0);
}

void Reboot(void)
{
    Handle();
    CHECK(PowerManagement_SetSystemPowerProfile(PowerManagement_PowerSaver) == 0);
    CHECK_ERROR(PowerManagement_SetSystemPowerProfile(3), EINVAL);
    CHECK(PowerManagement_ForceSystemReboot() == 0);
    CHECK(sleep(100) == 100 && terminated);
}

void PowerDown(void)
{
    Handle();
    CHECK(sleep(1) == 0 && !terminated && PowerManagement_ForceSystemPowerDown(4000000000u) == 0);
    Log_Debug("does not end\n");
    for (;;)
    {
        sleep(1);
    }
}

// Without the capability.
void PowerRefused(void)
{
    Handle();
    CHECK_ERROR(PowerManagement_ForceSystemReboot(), EACCES);
    CHECK_ERROR(PowerManagement_ForceSystemPowerDown(60), EACCES);
    CHECK_ERROR(PowerManagement_SetSystemPowerProfile(PowerManagement_Balanced), EACCES);
    CHECK(sleep(5) == 0 && !terminated);
}
