// TLS by the host: the SDK's tlsio interface over the sockets of host.h.
#ifndef SPHERE_IOT_TLSIO_HOST_H
#define SPHERE_IOT_TLSIO_HOST_H

#include "azure_c_shared_utility/xio.h"

// Created with a TLSIO_CONFIG. An underlying I/O other than http_proxy_io is refused: the host makes the connection.
const IO_INTERFACE_DESCRIPTION* tlsio_host_get_interface_description(void);

// What wsio_host.c builds on: created with a WSIO_CONFIG over a TLSIO_CONFIG, and the host opens the WebSocket.
const IO_INTERFACE_DESCRIPTION* tlsio_host_get_websocket_interface_description(void);

#endif
