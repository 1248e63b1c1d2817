#include <tlsutils/deviceauth.h>

#include <stdio.h>

#include "guid.h"
#include "host.h"

const char* DeviceAuth_GetCertificatePath(void)
{
    static char path[sizeof("/run/daa/") + GUID_LENGTH];
    char id[GUID_LENGTH + 1];
    if (host_app_catalog_id(id) != 0)
    {
        return NULL;
    }
    (void)snprintf(path, sizeof(path), "/run/daa/%s", id);
    return path;
}
