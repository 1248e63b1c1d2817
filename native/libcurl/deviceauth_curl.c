#include <tlsutils/deviceauth_curl.h>

#include "host.h"
#include "tls_context.h"

DeviceAuthSslResult DeviceAuth_SslCtxFunc(void* sslctx)
{
    char id[HOST_GUID_SIZE];
    if (sslctx == NULL)
    {
        return DeviceAuthSslResult_EnableHwSignError;
    }
    if (host_app_catalog_id(id) != 0)
    {
        return DeviceAuthSslResult_GetTenantIdError;
    }
    if (host_app_device_auth_ready() == 0)
    {
        return DeviceAuthSslResult_GetTenantCertificateError;
    }
    ((TLS_CONTEXT*)sslctx)->device_auth = true;
    return DeviceAuthSslResult_Success;
}
