// The device's own certificate for an app's own TLS connections.
#ifndef TLSUTILS_DEVICEAUTH_H
#define TLSUTILS_DEVICEAUTH_H

#ifdef __cplusplus
extern "C" {
#endif

// The path of the DAA certificate, PEM, the leaf only. The text belongs to the library. NULL where the manifest has no
// DeviceAuthentication. The file is there once Application_IsDeviceAuthReady says so.
const char* DeviceAuth_GetCertificatePath(void);

#ifdef __cplusplus
}
#endif

#endif
