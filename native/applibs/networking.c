#include <applibs/networking.h>

#include <errno.h>
#include <string.h>

#include "host.h"
#include "host_error.h"

int Networking_IsNetworkingReady(bool* outIsNetworkingReady)
{
    if (outIsNetworkingReady == NULL)
    {
        errno = EFAULT;
        return -1;
    }
    *outIsNetworkingReady = host_device_network_ready() == 1;
    return 0;
}

int Networking_GetInterfaceConnectionStatus(const char* networkInterfaceName,
                                            Networking_InterfaceConnectionStatus* outStatus)
{
    int status;
    if (networkInterfaceName == NULL || outStatus == NULL)
    {
        errno = EFAULT;
        return -1;
    }
    status = host_result(host_app_interface_status(networkInterfaceName));
    if (status < 0)
    {
        return -1;
    }
    *outStatus = (Networking_InterfaceConnectionStatus)status;
    return 0;
}
