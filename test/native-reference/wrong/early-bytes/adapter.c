// The adapter of native/adapters, but what has arrived is delivered with each send, too, and not in DoWork alone.
#define tlsio_host_get_interface_description right_description
#include "tlsio_host.c"
#undef tlsio_host_get_interface_description

static int send_and_deliver(CONCRETE_IO_HANDLE handle, const void* buffer, size_t size, ON_SEND_COMPLETE on_send_complete,
                            void* context)
{
    int result = tlsio_host_send(handle, buffer, size, on_send_complete, context);
    if (result == 0 && host_socket_turn(((TLSIO_HOST*)handle)->socket) != 0)
    {
        deliver(handle);
    }
    return result;
}

// By the names by which the library calls them (wasm-build/app-archives.mjs): a name of the app's own would not reach it.
const IO_INTERFACE_DESCRIPTION* wrong_description(void) __asm__("sphere_iot.tlsio_host_get_interface_description");
const IO_INTERFACE_DESCRIPTION* websocket_description(void)
    __asm__("sphere_iot.tlsio_host_get_websocket_interface_description");

const IO_INTERFACE_DESCRIPTION* websocket_description(void)
{
    return tlsio_host_get_websocket_interface_description();
}

const IO_INTERFACE_DESCRIPTION* wrong_description(void)
{
    static IO_INTERFACE_DESCRIPTION wrong;
    wrong = *right_description();
    wrong.concrete_io_send = send_and_deliver;
    return &wrong;
}
