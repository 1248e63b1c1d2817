// Everything that the C side asks of TypeScript: the one list. The other side is src/wasm/host/, one file a section.
//
// None of these functions calls back into C, only host_app_wait blocks, and none of them keeps a pointer it was given:
// strings and bytes are copied before it returns. Strings are UTF-8 with a NUL at the end; NULL means "not given".
#ifndef SPHERE_IOT_HOST_H
#define SPHERE_IOT_HOST_H

#include <stddef.h>
#include <stdint.h>

#define HOST_FUNCTION(name) __attribute__((import_module("host"), import_name(#name)))

// ---- clock: src/wasm/host/clock.ts

// Milliseconds since 1970-01-01T00:00:00Z.
HOST_FUNCTION(clock_now) extern double host_clock_now(void);
// Milliseconds that only ever grow.
HOST_FUNCTION(clock_monotonic) extern double host_clock_monotonic(void);

// ---- random: src/wasm/host/random.ts

// Fills `buffer` with `size` bytes fit for keys and identifiers.
HOST_FUNCTION(random_bytes) extern void host_random_bytes(void* buffer, size_t size);

// ---- log: src/wasm/host/log.ts

// One line of the SDK's log; `category` is a LOG_CATEGORY of xlogging.h.
HOST_FUNCTION(log_line)
extern void host_log_line(int category, const char* file, const char* function, int line, const char* text);

// ---- credentials: src/wasm/host/credentials.ts
// A binding says which certificate and key one handle uses. C never sees a key of the store: it passes the binding's
// number around, as text, and the transport looks up what the number means when it opens a connection.

// A new binding to the newest DAA certificate; its number, above 0.
HOST_FUNCTION(credential_bind) extern int host_credential_bind(void);
// Ends a binding.
HOST_FUNCTION(credential_release) extern void host_credential_release(int binding);
// Copies the common name of the binding's certificate and returns its length; 0 if there is no certificate (yet) or
// `capacity`, NUL included, is too small. Binding 0 asks for the newest DAA certificate.
HOST_FUNCTION(credential_common_name) extern size_t host_credential_common_name(int binding, char* name, size_t capacity);
// Which service a certificate is for: each has a rule for its common name.
enum
{
    HOST_SERVICE_DPS = 0,
    HOST_SERVICE_HUB = 1
};
// Puts a custom chain and its private key (both PEM) into the store; its number, above 0, or 0 if one is NULL or empty or
// they can't be used, after a diagnostic that says why.
HOST_FUNCTION(credential_install)
extern int host_credential_install(int service, const char* chain, const char* private_key);
// Copies the common name of an installed chain, as host_credential_common_name does.
HOST_FUNCTION(credential_installed_name)
extern size_t host_credential_installed_name(int installed, char* name, size_t capacity);
// Takes an installed chain out of the store again.
HOST_FUNCTION(credential_discard) extern void host_credential_discard(int installed);
// Makes a binding mean an installed chain from now on: 0, or not 0 once a connection was opened with the binding.
HOST_FUNCTION(credential_override) extern int host_credential_override(int binding, int installed);

// ---- diagnostics: src/wasm/host/diagnostics.ts

// Says why a function of ours refuses, where its result says too little: a stable code, and words. It goes to the log too.
HOST_FUNCTION(diagnostic) extern void host_diagnostic(const char* code, const char* text);

// ---- device: src/wasm/host/device.ts

// Whether the device has a network: 1 yes, 0 no.
HOST_FUNCTION(device_network_ready) extern int host_device_network_ready(void);

// ---- sockets: src/wasm/host/sockets.ts
// What happens to a socket waits in TypeScript, in order, until C asks for it with host_socket_next.

typedef struct HOST_SOCKET_REQUEST_TAG
{
    const char* hostname;
    int port;
    const char* trusted_certificates; // PEM; NULL: those that the device's OS trusts
    const char* certificate;          // PEM, or the text of a credential binding; NULL: no client certificate
    const char* private_key;          // the same
    const char* proxy_hostname;       // NULL: no HTTP proxy
    int proxy_port;
    const char* proxy_username;
    const char* proxy_password;
    const char* websocket_path;       // NULL: no WebSocket, or the SDK frames it
    const char* websocket_protocol;
} HOST_SOCKET_REQUEST;

enum
{
    HOST_SOCKET_NOTHING = 0,      // nothing (more) in this turn
    HOST_SOCKET_OPENED = -1,      // TLS stands
    HOST_SOCKET_OPEN_FAILED = -2, // it will not
    HOST_SOCKET_LOST = -3         // closed by the peer, or broken
};

// Whether the host is to open WebSockets, and not the SDK's wsio over a TLS connection.
HOST_FUNCTION(socket_opens_websockets) extern int host_socket_opens_websockets(void);
// Begins to open a connection, TLS and what the request adds to it; its number, above 0, or 0 if the request can't be used.
HOST_FUNCTION(socket_open) extern int host_socket_open(const HOST_SOCKET_REQUEST* request);
// Begins a turn: host_socket_next goes as far as what had happened by now. 0: nothing has.
HOST_FUNCTION(socket_turn) extern int host_socket_turn(int socket);
// The next thing that happened: a count of bytes that were copied into `buffer`, or one of HOST_SOCKET_….
HOST_FUNCTION(socket_next) extern int host_socket_next(int socket, void* buffer, size_t capacity);
// Queues bytes to be sent; what one turn queues leaves as one. 0, or not 0 if the socket is not open.
HOST_FUNCTION(socket_send) extern int host_socket_send(int socket, const void* bytes, size_t size);
// Sends what is queued, closes, and forgets the number.
HOST_FUNCTION(socket_close) extern void host_socket_close(int socket);

// ---- applications: src/app/host/. The synchronous module uses none of these.
// Where a function below can fail, it returns one of HOST_ERROR_…, which native/applibs/host_error.c makes an errno of.

enum
{
    HOST_ERROR_ACCESS = -1,    // EACCES: the manifest lacks the capability; the host has logged which
    HOST_ERROR_NO_DEVICE = -2, // ENODEV
    HOST_ERROR_BUSY = -3,      // EBUSY
    HOST_ERROR_NO_ENTRY = -4,  // ENOENT
    HOST_ERROR_IO = -5,        // EIO
    HOST_ERROR_NO_SPACE = -6,  // ENOSPC
    HOST_ERROR_INVALID = -7,   // EINVAL
    HOST_ERROR_NO_ANSWER = -8, // ENXIO
    HOST_ERROR_TIMED_OUT = -9, // ETIMEDOUT
    // of the network
    HOST_ERROR_AGAIN = -30,          // EAGAIN
    HOST_ERROR_IN_PROGRESS = -31,    // EINPROGRESS
    HOST_ERROR_ALREADY = -32,        // EALREADY
    HOST_ERROR_CONNECTED = -33,      // EISCONN
    HOST_ERROR_NOT_CONNECTED = -34,  // ENOTCONN
    HOST_ERROR_REFUSED = -35,        // ECONNREFUSED
    HOST_ERROR_RESET = -36,          // ECONNRESET
    HOST_ERROR_BROKEN = -37,         // EPIPE
    HOST_ERROR_UNREACHABLE = -38,    // EHOSTUNREACH
    HOST_ERROR_NO_NETWORK = -39,     // ENETUNREACH
    HOST_ERROR_ADDRESS_IN_USE = -40, // EADDRINUSE
    HOST_ERROR_NO_ADDRESS = -41,     // EDESTADDRREQ
    HOST_ERROR_TOO_LONG = -42,       // EMSGSIZE
    HOST_ERROR_UNSUPPORTED = -43     // EOPNOTSUPP
};

// The one function that suspends: comes back at `until` (host_clock_monotonic; INFINITY: never), or earlier when a signal
// or something else for the app has come.
HOST_FUNCTION(app_wait) extern void host_app_wait(double until);
// The next signal that was sent to the app, in order; 0: none.
HOST_FUNCTION(app_next_signal) extern int host_app_next_signal(void);
// What the app writes to its debug log or its standard streams; need not be whole lines.
HOST_FUNCTION(app_log) extern void host_app_log(const char* text, size_t length);
// Copies the application's component id, a GUID, with its NUL.
HOST_FUNCTION(app_component_id) extern void host_app_component_id(char* id);
// Copies the catalog id of the manifest's DeviceAuthentication, a GUID, with its NUL; 0, or HOST_ERROR_NO_ENTRY.
HOST_FUNCTION(app_catalog_id) extern int host_app_catalog_id(char* id);
// Whether the app has a DAA certificate that has not expired: 1 yes, 0 no.
HOST_FUNCTION(app_device_auth_ready) extern int host_app_device_auth_ready(void);
// Networking_InterfaceConnectionStatus of an interface, or HOST_ERROR_NO_ENTRY.
HOST_FUNCTION(app_interface_status) extern int host_app_interface_status(const char* name);

// Files: the image package (/mnt/apps/<component id>/…), the mutable file (/mnt/config/<component id>/mutable), the DAA
// certificate (/run/daa/<catalog id>). `mode`: HOST_FILE_…; a number from 0, or HOST_ERROR_….
enum
{
    HOST_FILE_READ = 0,
    HOST_FILE_WRITE = 1, // and read
    HOST_FILE_CREATE = 3 // write, and make it if it is not there
};
HOST_FUNCTION(file_open) extern int host_file_open(const char* path, int mode);
HOST_FUNCTION(file_close) extern void host_file_close(int file);
HOST_FUNCTION(file_size) extern int host_file_size(int file);
// Copies what is there from `offset` on; the count of bytes.
HOST_FUNCTION(file_read) extern int host_file_read(int file, int offset, void* buffer, size_t size);
// The count of bytes that were written, or HOST_ERROR_NO_SPACE, HOST_ERROR_IO.
HOST_FUNCTION(file_write) extern int host_file_write(int file, int offset, const void* bytes, size_t size);
HOST_FUNCTION(file_truncate) extern int host_file_truncate(int file, int size);
// Removes a file that can be written; 0, or HOST_ERROR_….
HOST_FUNCTION(file_delete) extern int host_file_delete(const char* path);

// GPIO: 0, or HOST_ERROR_….
HOST_FUNCTION(gpio_open_input) extern int host_gpio_open_input(int id);
HOST_FUNCTION(gpio_open_output) extern int host_gpio_open_output(int id, int mode, int value);
HOST_FUNCTION(gpio_close) extern void host_gpio_close(int id);
// 0 or 1.
HOST_FUNCTION(gpio_get) extern int host_gpio_get(int id);
HOST_FUNCTION(gpio_set) extern void host_gpio_set(int id, int value);

// Buses and converters, by the number that C has for them: 0, or HOST_ERROR_….
enum
{
    HOST_PERIPHERAL_I2C = 0,
    HOST_PERIPHERAL_SPI = 1,
    HOST_PERIPHERAL_UART = 2,
    HOST_PERIPHERAL_ADC = 3,
    HOST_PERIPHERAL_PWM = 4
};
HOST_FUNCTION(peripheral_open) extern int host_peripheral_open(int kind, int id);
HOST_FUNCTION(peripheral_close) extern void host_peripheral_close(int kind, int id);
// One transaction with a device on an I2C bus: a write, a read, or one after the other; the count of bytes. Without an
// answer at this address HOST_ERROR_NO_ANSWER.
HOST_FUNCTION(i2c_transfer)
extern int host_i2c_transfer(int id, int address, const void* written, size_t write_size, void* read, size_t read_size);
// The same with the one device on an SPI bus.
HOST_FUNCTION(spi_transfer)
extern int host_spi_transfer(int id, const void* written, size_t write_size, void* read, size_t read_size);
// How many bytes wait in a UART's input.
HOST_FUNCTION(uart_waiting) extern int host_uart_waiting(int id);
// Copies bytes of a UART's input; their count, or HOST_ERROR_….
HOST_FUNCTION(uart_read) extern int host_uart_read(int id, void* buffer, size_t size);
HOST_FUNCTION(uart_write) extern int host_uart_write(int id, const void* bytes, size_t size);
// The sample of an analogue input, 0 to 4095, for the reference voltage in volts; or HOST_ERROR_….
HOST_FUNCTION(adc_sample) extern int host_adc_sample(int id, int channel, double reference);
HOST_FUNCTION(pwm_apply)
extern int host_pwm_apply(int id, int channel, double period, double duty, int inverted, int enabled);

// Messages to and from applications of the real-time cores. A connection's number, from 0, or HOST_ERROR_….
HOST_FUNCTION(partner_connect) extern int host_partner_connect(const char* component_id);
HOST_FUNCTION(partner_close) extern void host_partner_close(int connection);
HOST_FUNCTION(partner_send) extern int host_partner_send(int connection, const void* bytes, size_t size);
// Copies the next message, as much of it as there is room for, and forgets it; its copied length, or -1: there is none.
HOST_FUNCTION(partner_receive) extern int host_partner_receive(int connection, void* buffer, size_t size);
HOST_FUNCTION(partner_waiting) extern int host_partner_waiting(int connection);

// Sockets of the app's own, by number: from 0, or HOST_ERROR_…. Nothing waits: what would is HOST_ERROR_AGAIN, and app_wait comes
// back when something changed. Addresses are IPv4, in the order of the machine.
typedef struct HOST_ADDRESS_TAG
{
    uint32_t ip;
    uint32_t port;
} HOST_ADDRESS;
enum
{
    HOST_NETWORK_STREAM = 0,
    HOST_NETWORK_DATAGRAM = 1
};
enum
{
    HOST_READY_INPUT = 1,
    HOST_READY_OUTPUT = 2,
    HOST_READY_ERROR = 4,
    HOST_READY_CLOSED = 8
};
// The address by which the host knows a name from now on; 0, HOST_ERROR_NO_ENTRY, or HOST_ERROR_AGAIN without a network.
HOST_FUNCTION(network_look_up) extern int host_network_look_up(const char* name, uint32_t* ip);
HOST_FUNCTION(network_socket) extern int host_network_socket(int type);
HOST_FUNCTION(network_close) extern void host_network_close(int socket);
// HOST_READY_…: what poll would say.
HOST_FUNCTION(network_ready) extern int host_network_ready(int socket);
// Begins to connect (HOST_ERROR_IN_PROGRESS), or says how that went: 0, or HOST_ERROR_…, once.
HOST_FUNCTION(network_connect) extern int host_network_connect(int socket, const HOST_ADDRESS* address);
HOST_FUNCTION(network_bind) extern int host_network_bind(int socket, const HOST_ADDRESS* address);
HOST_FUNCTION(network_listen) extern int host_network_listen(int socket);
HOST_FUNCTION(network_accepting) extern int host_network_accepting(int socket);
// The socket of the next connection.
HOST_FUNCTION(network_accept) extern int host_network_accept(int socket, HOST_ADDRESS* from);
// The count of bytes that were taken; `to` may be NULL.
HOST_FUNCTION(network_send)
extern int host_network_send(int socket, const void* bytes, size_t size, const HOST_ADDRESS* to);
// Copies what has come, and forgets it unless it only peeks; the count of bytes, of a datagram its whole length, 0 at the end of
// a stream.
HOST_FUNCTION(network_receive)
extern int host_network_receive(int socket, void* buffer, size_t size, int peek, HOST_ADDRESS* from);
HOST_FUNCTION(network_shutdown) extern int host_network_shutdown(int socket, int reading, int writing);
// The address of this end, or of the peer.
HOST_FUNCTION(network_address) extern int host_network_address(int socket, int peer, HOST_ADDRESS* address);
// The error that waits, which is forgotten; 0: there is none.
HOST_FUNCTION(network_take_error) extern int host_network_take_error(int socket);

#endif
