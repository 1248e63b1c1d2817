// The adapter of native/adapters, but the certificate is not among the options that the next connection gets.
#define tlsio_host_get_interface_description right_description
#include "tlsio_host.c"
#undef tlsio_host_get_interface_description

static OPTIONHANDLER_HANDLE retrieve_but_one(CONCRETE_IO_HANDLE handle)
{
    HOST_SOCKET_REQUEST* request = &((TLSIO_HOST*)handle)->request;
    const char* certificate = request->certificate;
    request->certificate = NULL;
    OPTIONHANDLER_HANDLE options = tlsio_host_retrieveoptions(handle);
    request->certificate = certificate;
    return options;
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
    wrong.concrete_io_retrieveoptions = retrieve_but_one;
    return &wrong;
}
