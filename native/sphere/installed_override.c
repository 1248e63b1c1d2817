#include "installed_override.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "credential_binding.h"
#include "handle_credentials.h"
#include "host.h"

static void refuse(const char* code, const char* format, ...)
{
    // Two ids of 128 characters, and words.
    char text[640];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    host_diagnostic(code, text);
}

static const HANDLE_CREDENTIAL* find(const void* handle, int service)
{
    const HANDLE_CREDENTIAL* entry = handle == NULL ? NULL : handle_credentials_find(handle, service);
    if (entry == NULL)
    {
        refuse("OVERRIDE_HANDLE_INVALID",
               "The handle is not one that uses the device's own certificate: only handles of %s can be overridden.",
               service == HOST_SERVICE_DPS ? "Prov_Device_LL_Create after prov_dev_security_init for X.509"
                                           : "IoTHubDeviceClient_LL_CreateFromDeviceAuth");
    }
    return entry;
}

static PROV_DEVICE_RESULT override_dps(PROV_DEVICE_LL_HANDLE handle, int installed)
{
    const HANDLE_CREDENTIAL* entry = find(handle, HOST_SERVICE_DPS);
    char name[CREDENTIAL_COMMON_NAME_SIZE];
    if (entry == NULL || host_credential_installed_name(installed, name, sizeof(name)) == 0)
    {
        return PROV_DEVICE_RESULT_INVALID_ARG;
    }
    if (entry->own_certificate)
    {
        refuse("OVERRIDE_WITHOUT_EFFECT", "The handle uses the certificate or the key that was set by its options "
                                          "x509certificate and x509privatekey: set those, or override, not both.");
        return PROV_DEVICE_RESULT_INVALID_STATE;
    }
    if (!entry->registering && entry->id != NULL && strcmp(entry->id, name) != 0)
    {
        refuse("OVERRIDE_COMMON_NAME_MISMATCH",
               "The certificate's common name is %s, but the handle's registration id is %s, and the SDK does not change "
               "it: use a certificate with that name, or a new handle.",
               name, entry->id);
        return PROV_DEVICE_RESULT_INVALID_STATE;
    }
    // The option first: it is what the SDK can refuse. A second override finds it set, to the same name.
    if (entry->registering ||
        (entry->id == NULL && Prov_Device_LL_SetOption(handle, PROV_REGISTRATION_ID, name) != PROV_DEVICE_RESULT_OK) ||
        host_credential_override(entry->binding, installed) != 0)
    {
        refuse("OVERRIDE_TOO_LATE", "The handle has begun to register: override its certificate after "
                                    "Prov_Device_LL_Create and before Prov_Device_LL_Register_Device.");
        return PROV_DEVICE_RESULT_INVALID_STATE;
    }
    return PROV_DEVICE_RESULT_OK;
}

static IOTHUB_CLIENT_RESULT override_iothub(IOTHUB_DEVICE_CLIENT_LL_HANDLE handle, int installed)
{
    const HANDLE_CREDENTIAL* entry = find(handle, HOST_SERVICE_HUB);
    char name[CREDENTIAL_COMMON_NAME_SIZE];
    if (entry == NULL || host_credential_installed_name(installed, name, sizeof(name)) == 0)
    {
        return IOTHUB_CLIENT_INVALID_ARG;
    }
    // The device id and the topics are fixed when the handle is created.
    if (strcmp(name, entry->id) != 0)
    {
        refuse("OVERRIDE_COMMON_NAME_MISMATCH",
               "The certificate's common name is %s, but the handle was created for device %s: use a certificate with "
               "that name (ids are case-sensitive), or create the handle for the certificate's.",
               name, entry->id);
        return IOTHUB_CLIENT_INVALID_ARG;
    }
    if (host_credential_override(entry->binding, installed) != 0)
    {
        refuse("OVERRIDE_TOO_LATE", "The handle has begun to connect: override its certificate after "
                                    "IoTHubDeviceClient_LL_CreateFromDeviceAuth and before the first DoWork.");
        return IOTHUB_CLIENT_ERROR;
    }
    return IOTHUB_CLIENT_OK;
}

PROV_DEVICE_RESULT sphere_override_dps(PROV_DEVICE_LL_HANDLE handle, int installed)
{
    PROV_DEVICE_RESULT result = override_dps(handle, installed);
    if (result != PROV_DEVICE_RESULT_OK)
    {
        host_credential_discard(installed);
    }
    return result;
}

IOTHUB_CLIENT_RESULT sphere_override_iothub(IOTHUB_DEVICE_CLIENT_LL_HANDLE handle, int installed)
{
    IOTHUB_CLIENT_RESULT result = override_iothub(handle, installed);
    if (result != IOTHUB_CLIENT_OK)
    {
        host_credential_discard(installed);
    }
    return result;
}
