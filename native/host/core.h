// What every module asks of the host: clock, random, log, credentials, diagnostics, device. The other side: src/wasm/host/.
#ifndef SPHERE_IOT_HOST_CORE_H
#define SPHERE_IOT_HOST_CORE_H

#include <stddef.h>
#include <stdint.h>

// An import of the module: `host` and this name, which is the function's without host_.
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

// As LOG_CATEGORY of the SDK's xlogging.h.
enum HOST_LOG_CATEGORY
{
    HOST_LOG_ERROR = 0,
    HOST_LOG_INFO = 1,
    HOST_LOG_TRACE = 2
};
// One line of the SDK's log; `category`: HOST_LOG_….
HOST_FUNCTION(log_line)
extern void host_log_line(int category, const char* file, const char* function_name, int line, const char* text);

// ---- credentials: src/wasm/host/credentials.ts
// A binding is the certificate and key that one handle uses. C never sees a key of the store: it passes the binding's number
// around, as text in the place of PEM, and socket_open takes the binding of that number.

// A new binding to the newest DAA certificate; its number, above 0.
HOST_FUNCTION(credential_bind) extern int host_credential_bind(void);
// Ends a binding.
HOST_FUNCTION(credential_release) extern void host_credential_release(int binding);
// Copies the common name of the binding's certificate and returns its length; 0 if there is no certificate (yet) or
// `capacity`, NUL included, is too small. Binding 0 asks for the newest DAA certificate.
HOST_FUNCTION(credential_common_name) extern size_t host_credential_common_name(int binding, char* name, size_t capacity);
// Which service a certificate is for: each has a rule for its common name.
enum HOST_SERVICE
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

#endif
