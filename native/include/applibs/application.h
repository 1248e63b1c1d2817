// What an application is told of its device.
#ifndef APPLIBS_APPLICATION_H
#define APPLIBS_APPLICATION_H

#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

// Whether the device has a DAA certificate for the catalog of the manifest's DeviceAuthentication. 0, or -1 with EFAULT.
int Application_IsDeviceAuthReady(bool* outIsDeviceAuthReady);

#ifdef __cplusplus
}
#endif

#endif
