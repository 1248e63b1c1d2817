#include <applibs/application.h>

#include <errno.h>

#include "host.h"

int Application_IsDeviceAuthReady(bool* outIsDeviceAuthReady)
{
    if (outIsDeviceAuthReady == NULL)
    {
        errno = EFAULT;
        return -1;
    }
    *outIsDeviceAuthReady = host_app_device_auth_ready() == 1;
    return 0;
}
