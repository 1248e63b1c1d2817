// Everything that the C side asks of TypeScript: the one list. The other side is src/wasm/host/, one file a section.
//
// None of these functions calls back into C, none of them blocks, and none of them keeps a pointer it was given: strings
// and bytes are copied before it returns. Strings are UTF-8 with a NUL at the end; NULL means "not given".
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

#endif
