// The two ways of WebSocket: framed by the SDK's wsio over our TLS, as on the device, or opened by the host. The linker's
// --wrap puts this function in the place of the SDK's, and the host chooses at run time.
#include "azure_c_shared_utility/wsio.h"
#include "host.h"
#include "tlsio_host.h"

extern const IO_INTERFACE_DESCRIPTION* __real_wsio_get_interface_description(void);

const IO_INTERFACE_DESCRIPTION* __wrap_wsio_get_interface_description(void)
{
    return host_socket_opens_websockets() ? tlsio_host_get_websocket_interface_description()
                                          : __real_wsio_get_interface_description();
}
