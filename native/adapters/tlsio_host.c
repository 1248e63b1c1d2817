// TLS by the host.
//
// Callbacks come only from dowork, as natively, with these exceptions that the native adapters make too: send and close
// complete before they return, and a close while opening reports IO_OPEN_CANCELLED. A failure while opening is
// open-complete(IO_OPEN_ERROR), never on_io_error. umqtt calls dowork and destroy from inside on_io_error: an inner
// dowork delivers nothing, and a destroy inside dowork takes effect when that dowork returns.
#include "tlsio_host.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "azure_c_shared_utility/crt_abstractions.h"
#include "azure_c_shared_utility/gballoc.h"
#include "azure_c_shared_utility/http_proxy_io.h"
#include "azure_c_shared_utility/optimize_size.h"
#include "azure_c_shared_utility/optionhandler.h"
#include "azure_c_shared_utility/shared_util_options.h"
#include "azure_c_shared_utility/tlsio.h"
#include "azure_c_shared_utility/wsio.h"
#include "azure_c_shared_utility/xlogging.h"
#include "host.h"
#include "secret_text.h"

// The device number of wolfSSL's hardware keys: every Sphere app sets it. The key is the host's here anyway; the option is
// kept and fed to the next instance, as on the device.
static const char* const OPTION_SET_DEVICE_ID = "SetDeviceId";

typedef enum TLSIO_STATE_TAG
{
    STATE_CLOSED,
    STATE_OPENING,
    STATE_OPEN,
    STATE_ERROR
} TLSIO_STATE;

typedef struct TLSIO_HOST_TAG
{
    HOST_SOCKET_REQUEST request; // all its strings are ours
    bool has_device_id;
    int device_id;
    TLSIO_STATE state;
    int socket; // 0: none
    int doworks;
    bool destroyed; // inside dowork: to be freed when it returns
    ON_IO_OPEN_COMPLETE on_open_complete;
    void* on_open_complete_context;
    ON_BYTES_RECEIVED on_bytes_received;
    void* on_bytes_received_context;
    ON_IO_ERROR on_error;
    void* on_error_context;
} TLSIO_HOST;

// Where received bytes are put before the SDK sees them. A callback may call dowork on another instance while bytes in
// here are still being read; that inner call takes a buffer of its own.
#define RECEIVE_BUFFER_SIZE 8192
static unsigned char receive_buffer[RECEIVE_BUFFER_SIZE];
static bool receive_buffer_in_use = false;

static int set_text(const char** field, const char* value)
{
    char* copy = NULL;
    if (value != NULL && mallocAndStrcpy_s(&copy, value) != 0)
    {
        LogError("out of memory");
        return MU_FAILURE;
    }
    secret_text_free((char*)*field);
    *field = copy;
    return 0;
}

// ---- options

// The field that a text option sets; NULL if it is none.
static const char** text_option(TLSIO_HOST* tlsio, const char* name)
{
    if (strcmp(name, OPTION_TRUSTED_CERT) == 0)
    {
        return &tlsio->request.trusted_certificates;
    }
    if (strcmp(name, SU_OPTION_X509_CERT) == 0 || strcmp(name, OPTION_X509_ECC_CERT) == 0)
    {
        return &tlsio->request.certificate;
    }
    if (strcmp(name, SU_OPTION_X509_PRIVATE_KEY) == 0 || strcmp(name, OPTION_X509_ECC_KEY) == 0)
    {
        return &tlsio->request.private_key;
    }
    return NULL;
}

static int tlsio_host_setoption(CONCRETE_IO_HANDLE handle, const char* name, const void* value)
{
    TLSIO_HOST* tlsio = handle;
    const char** field;
    if (tlsio == NULL || name == NULL)
    {
        LogError("Bad arguments, tlsio = %p, name = %p", handle, name);
        return MU_FAILURE;
    }
    field = text_option(tlsio, name);
    if (field != NULL)
    {
        return set_text(field, value);
    }
    if (strcmp(name, OPTION_SET_DEVICE_ID) == 0 && value != NULL)
    {
        tlsio->device_id = *(const int*)value;
        tlsio->has_device_id = true;
        return 0;
    }
    if (strcmp(name, OPTION_SET_TLS_RENEGOTIATION) == 0)
    {
        return 0; // nothing to do, as with wolfSSL
    }
    LogError("Option %s is unknown to this TLS adapter, or its value is missing", name);
    return MU_FAILURE;
}

static void* clone_option(const char* name, const void* value)
{
    if (name == NULL || value == NULL)
    {
        return NULL;
    }
    if (strcmp(name, OPTION_SET_DEVICE_ID) == 0)
    {
        int* clone = malloc(sizeof(int));
        if (clone != NULL)
        {
            *clone = *(const int*)value;
        }
        return clone;
    }
    char* clone = NULL;
    (void)mallocAndStrcpy_s(&clone, value);
    return clone;
}

static void destroy_option(const char* name, const void* value)
{
    if (name != NULL && strcmp(name, OPTION_SET_DEVICE_ID) == 0)
    {
        free((void*)value);
    }
    else
    {
        secret_text_free((char*)value);
    }
}

static bool keep_option(OPTIONHANDLER_HANDLE options, const char* name, const void* value)
{
    return value == NULL || OptionHandler_AddOption(options, name, value) == OPTIONHANDLER_OK;
}

static OPTIONHANDLER_HANDLE tlsio_host_retrieveoptions(CONCRETE_IO_HANDLE handle)
{
    TLSIO_HOST* tlsio = handle;
    OPTIONHANDLER_HANDLE options;
    if (tlsio == NULL)
    {
        LogError("NULL tlsio");
        return NULL;
    }
    options = OptionHandler_Create(clone_option, destroy_option, tlsio_host_setoption);
    if (options != NULL && !(keep_option(options, SU_OPTION_X509_CERT, tlsio->request.certificate) &&
                             keep_option(options, SU_OPTION_X509_PRIVATE_KEY, tlsio->request.private_key) &&
                             keep_option(options, OPTION_TRUSTED_CERT, tlsio->request.trusted_certificates) &&
                             keep_option(options, OPTION_SET_DEVICE_ID, tlsio->has_device_id ? &tlsio->device_id : NULL)))
    {
        LogError("unable to save the options");
        OptionHandler_Destroy(options);
        options = NULL;
    }
    return options;
}

// ---- create and destroy

static void free_instance(TLSIO_HOST* tlsio)
{
    secret_text_free((char*)tlsio->request.hostname);
    secret_text_free((char*)tlsio->request.trusted_certificates);
    secret_text_free((char*)tlsio->request.certificate);
    secret_text_free((char*)tlsio->request.private_key);
    secret_text_free((char*)tlsio->request.proxy_hostname);
    secret_text_free((char*)tlsio->request.proxy_username);
    secret_text_free((char*)tlsio->request.proxy_password);
    secret_text_free((char*)tlsio->request.websocket_path);
    secret_text_free((char*)tlsio->request.websocket_protocol);
    free(tlsio);
}

static int set_proxy(HOST_SOCKET_REQUEST* request, const HTTP_PROXY_IO_CONFIG* proxy)
{
    request->proxy_port = proxy->proxy_port;
    return set_text(&request->proxy_hostname, proxy->proxy_hostname) != 0 ||
           set_text(&request->proxy_username, proxy->username) != 0 || set_text(&request->proxy_password, proxy->password) != 0;
}

// NULL if the configuration can't be used.
static TLSIO_HOST* create(const TLSIO_CONFIG* config)
{
    TLSIO_HOST* tlsio;
    bool proxied;
    if (config == NULL || config->hostname == NULL)
    {
        LogError("NULL config, or no host name");
        return NULL;
    }
    proxied = config->underlying_io_interface != NULL;
    if (proxied && (config->underlying_io_interface != http_proxy_io_get_interface_description() ||
                    config->underlying_io_parameters == NULL))
    {
        LogError("The host makes the connection: no underlying I/O but an HTTP proxy can be given");
        return NULL;
    }
    tlsio = calloc(1, sizeof(TLSIO_HOST));
    if (tlsio == NULL)
    {
        LogError("out of memory");
        return NULL;
    }
    tlsio->request.port = config->port;
    if (set_text(&tlsio->request.hostname, config->hostname) != 0 ||
        (proxied && set_proxy(&tlsio->request, config->underlying_io_parameters) != 0))
    {
        free_instance(tlsio);
        return NULL;
    }
    return tlsio;
}

static CONCRETE_IO_HANDLE tlsio_host_create(void* parameters)
{
    return create(parameters);
}

static CONCRETE_IO_HANDLE websocket_create(void* parameters)
{
    const WSIO_CONFIG* config = parameters;
    TLSIO_HOST* tlsio;
    if (config == NULL || config->resource_name == NULL || config->protocol == NULL ||
        config->underlying_io_interface != tlsio_host_get_interface_description())
    {
        LogError("A WebSocket needs a resource name and a protocol, and TLS under it");
        return NULL;
    }
    tlsio = create(config->underlying_io_parameters);
    if (tlsio != NULL && (set_text(&tlsio->request.websocket_path, config->resource_name) != 0 ||
                          set_text(&tlsio->request.websocket_protocol, config->protocol) != 0))
    {
        free_instance(tlsio);
        tlsio = NULL;
    }
    return tlsio;
}

static void close_socket(TLSIO_HOST* tlsio)
{
    if (tlsio->socket != 0)
    {
        host_socket_close(tlsio->socket);
        tlsio->socket = 0;
    }
    tlsio->state = STATE_CLOSED;
}

static void tlsio_host_destroy(CONCRETE_IO_HANDLE handle)
{
    TLSIO_HOST* tlsio = handle;
    if (tlsio == NULL)
    {
        return;
    }
    close_socket(tlsio);
    if (tlsio->doworks > 0)
    {
        tlsio->destroyed = true;
    }
    else
    {
        free_instance(tlsio);
    }
}

// ---- open, close, send

static int tlsio_host_open(CONCRETE_IO_HANDLE handle, ON_IO_OPEN_COMPLETE on_io_open_complete,
                           void* on_io_open_complete_context, ON_BYTES_RECEIVED on_bytes_received,
                           void* on_bytes_received_context, ON_IO_ERROR on_io_error, void* on_io_error_context)
{
    TLSIO_HOST* tlsio = handle;
    if (tlsio == NULL || tlsio->state != STATE_CLOSED)
    {
        LogError("NULL tlsio, or it is open already");
        return MU_FAILURE;
    }
    tlsio->on_open_complete = on_io_open_complete;
    tlsio->on_open_complete_context = on_io_open_complete_context;
    tlsio->on_bytes_received = on_bytes_received;
    tlsio->on_bytes_received_context = on_bytes_received_context;
    tlsio->on_error = on_io_error;
    tlsio->on_error_context = on_io_error_context;
    tlsio->socket = host_socket_open(&tlsio->request);
    if (tlsio->socket == 0)
    {
        LogError("The host can't open a connection to %s:%d", tlsio->request.hostname, tlsio->request.port);
        return MU_FAILURE;
    }
    tlsio->state = STATE_OPENING;
    return 0;
}

static int tlsio_host_close(CONCRETE_IO_HANDLE handle, ON_IO_CLOSE_COMPLETE on_io_close_complete, void* context)
{
    TLSIO_HOST* tlsio = handle;
    if (tlsio == NULL)
    {
        LogError("NULL tlsio");
        return MU_FAILURE;
    }
    if (tlsio->state == STATE_OPENING && tlsio->on_open_complete != NULL)
    {
        tlsio->on_open_complete(tlsio->on_open_complete_context, IO_OPEN_CANCELLED);
    }
    close_socket(tlsio);
    if (on_io_close_complete != NULL)
    {
        on_io_close_complete(context);
    }
    return 0;
}

static int tlsio_host_send(CONCRETE_IO_HANDLE handle, const void* buffer, size_t size, ON_SEND_COMPLETE on_send_complete,
                           void* callback_context)
{
    TLSIO_HOST* tlsio = handle;
    if (tlsio == NULL || buffer == NULL || size == 0)
    {
        LogError("Bad arguments, tlsio = %p, buffer = %p, size = %lu", handle, buffer, (unsigned long)size);
        return MU_FAILURE;
    }
    if (tlsio->state != STATE_OPEN || host_socket_send(tlsio->socket, buffer, size) != 0)
    {
        LogError("The connection to %s is not open", tlsio->request.hostname);
        return MU_FAILURE;
    }
    if (on_send_complete != NULL)
    {
        on_send_complete(callback_context, IO_SEND_OK);
    }
    return 0;
}

// ---- dowork

// Tells the SDK the next thing that happened; false when there is nothing more in this turn.
static bool deliver_next(TLSIO_HOST* tlsio, unsigned char* buffer)
{
    int happened = host_socket_next(tlsio->socket, buffer, RECEIVE_BUFFER_SIZE);
    switch (happened)
    {
        case HOST_SOCKET_NOTHING:
            return false;
        case HOST_SOCKET_OPENED:
            tlsio->state = STATE_OPEN;
            tlsio->on_open_complete(tlsio->on_open_complete_context, IO_OPEN_OK);
            return true;
        case HOST_SOCKET_OPEN_FAILED:
            close_socket(tlsio);
            tlsio->on_open_complete(tlsio->on_open_complete_context, IO_OPEN_ERROR);
            return false;
        case HOST_SOCKET_LOST:
            tlsio->state = STATE_ERROR;
            tlsio->on_error(tlsio->on_error_context);
            return false;
        default:
            tlsio->on_bytes_received(tlsio->on_bytes_received_context, buffer, (size_t)happened);
            return true;
    }
}

static void deliver(TLSIO_HOST* tlsio)
{
    bool own_buffer = receive_buffer_in_use;
    unsigned char* buffer = own_buffer ? malloc(RECEIVE_BUFFER_SIZE) : receive_buffer;
    if (buffer == NULL)
    {
        LogError("out of memory");
        return;
    }
    receive_buffer_in_use = true;
    // A callback may close the socket, or open another one, whose events are for the next turn.
    for (int socket = tlsio->socket; tlsio->socket == socket && tlsio->state != STATE_ERROR && deliver_next(tlsio, buffer);)
    {}
    if (own_buffer)
    {
        free(buffer);
    }
    else
    {
        receive_buffer_in_use = false;
    }
}

static void tlsio_host_dowork(CONCRETE_IO_HANDLE handle)
{
    TLSIO_HOST* tlsio = handle;
    if (tlsio == NULL || tlsio->doworks > 0 || tlsio->socket == 0 || host_socket_turn(tlsio->socket) == 0)
    {
        return;
    }
    tlsio->doworks++;
    deliver(tlsio);
    tlsio->doworks--;
    if (tlsio->destroyed)
    {
        free_instance(tlsio);
    }
}

static const IO_INTERFACE_DESCRIPTION tlsio_host_interface_description = {
    tlsio_host_retrieveoptions, tlsio_host_create, tlsio_host_destroy, tlsio_host_open,
    tlsio_host_close,           tlsio_host_send,   tlsio_host_dowork,  tlsio_host_setoption};

static const IO_INTERFACE_DESCRIPTION websocket_interface_description = {
    tlsio_host_retrieveoptions, websocket_create, tlsio_host_destroy, tlsio_host_open,
    tlsio_host_close,           tlsio_host_send,  tlsio_host_dowork,  tlsio_host_setoption};

const IO_INTERFACE_DESCRIPTION* tlsio_host_get_interface_description(void)
{
    return &tlsio_host_interface_description;
}

const IO_INTERFACE_DESCRIPTION* tlsio_host_get_websocket_interface_description(void)
{
    return &websocket_interface_description;
}
