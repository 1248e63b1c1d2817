// There are no plain sockets: the host makes every connection, TLS and proxy included. The SDK's http_proxy_io, which
// serves here only to say "by a proxy" (tlsio_host.c), links to this and never calls it.
#include "azure_c_shared_utility/socketio.h"

const IO_INTERFACE_DESCRIPTION* socketio_get_interface_description(void)
{
    return NULL;
}
