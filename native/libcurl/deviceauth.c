#include <tlsutils/deviceauth.h>

#include <stdio.h>

#include "host.h"

const char* DeviceAuth_GetCertificatePath(void)
{
    static char path[sizeof("/run/daa/") - 1 + HOST_GUID_SIZE];
    char id[HOST_GUID_SIZE];
    if (host_app_catalog_id(id) != 0)
    {
        return NULL;
    }
    (void)snprintf(path, sizeof(path), "/run/daa/%s", id);
    return path;
}
