// The SDK's platform: its default TLS is the host's.
#include "azure_c_shared_utility/platform.h"
#include "azure_c_shared_utility/xlogging.h"
#include "tlsio_host.h"

int platform_init(void)
{
    return 0;
}

void platform_deinit(void) {}

const IO_INTERFACE_DESCRIPTION* platform_get_default_tlsio(void)
{
    return tlsio_host_get_interface_description();
}

STRING_HANDLE platform_get_platform_info(PLATFORM_INFO_OPTION options)
{
    STRING_HANDLE result;
    (void)options;
    result = STRING_construct("(native; AzureSphere; wasm32)");
    if (result == NULL)
    {
        LogError("STRING_construct failed");
    }
    return result;
}
