// What an application is told of its device.
#ifndef APPLIBS_APPLICATION_H
#define APPLIBS_APPLICATION_H

#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

// Whether the device has a DAA certificate for the catalog of the manifest's DeviceAuthentication. 0, or -1 with EFAULT.
int Application_IsDeviceAuthReady(bool* outIsDeviceAuthReady);

// A socket for send, recv, read, write and close to an application of a real-time core; messages stay whole, of 1040 bytes at
// most. -1 with EACCES (the manifest's AllowedApplicationConnections does not list it), ENOENT (there is no such application),
// EFAULT.
int Application_Connect(const char* componentId);

#ifdef __cplusplus
}
#endif

#endif
