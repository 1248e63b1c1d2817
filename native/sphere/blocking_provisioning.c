// IoTHubDeviceClient_LL_CreateWithAzureSphereDeviceAuthProvisioning, which blocks as on the device.
#include <stddef.h>
#include <time.h>

#include "azure_sphere_provisioning.h"
#include "host.h"
#include "sphere_provisioning.h"
#include "wait.h"

// Milliseconds between two steps.
#define POLL_PERIOD 100

// Waits on, whatever signals come: their handlers have run, and the app learns of them when this returns.
static void wait_for(double milliseconds)
{
    double until = host_clock_monotonic() + milliseconds;
    while (host_clock_monotonic() < until)
    {
        (void)app_wait(until);
    }
}

AZURE_SPHERE_PROV_RETURN_VALUE IoTHubDeviceClient_LL_CreateWithAzureSphereDeviceAuthProvisioning(
    const char* idScope, unsigned int timeout, IOTHUB_DEVICE_CLIENT_LL_HANDLE* handle)
{
    AZURE_SPHERE_PROV_RETURN_VALUE value = {AZURE_SPHERE_PROV_RESULT_GENERIC_ERROR, PROV_DEVICE_RESULT_OK, IOTHUB_CLIENT_OK};
    SPHERE_PROVISIONING* provisioning;
    if (handle == NULL)
    {
        value.result = AZURE_SPHERE_PROV_RESULT_INVALID_PARAM;
        return value;
    }
    *handle = NULL;
    provisioning = sphere_provisioning_begin(idScope, timeout);
    if (provisioning == NULL)
    {
        return value;
    }
    while (sphere_provisioning_poll(provisioning) == 0)
    {
        wait_for(POLL_PERIOD);
    }
    *handle = sphere_provisioning_finish(provisioning, &value.result, &value.prov_device_error, &value.iothub_client_error);
    return value;
}
