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

    HOST_ERROR_PERMISSION = -21,    // EPERM
    HOST_ERROR_EXISTS = -22,        // EEXIST
    HOST_ERROR_NO_DATA = -23,       // ENODATA
    HOST_ERROR_NETWORK_DOWN = -24,  // ENETDOWN
    HOST_ERROR_RANGE = -25,         // ERANGE

    // of sockets
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
// 1: signals have come, which are to be delivered before anything waits; else 0.
HOST_FUNCTION(app_wait) extern int host_app_wait(double until);
// Says that a system call of the device takes place here which asks nothing of the host. The build puts its price in its place
// (native/cmake/package/instrument.cjs).
HOST_FUNCTION(app_system_call) extern void host_app_system_call(void);
// The app has used up what it may do without a wait: until when it is to wait now, as host_clock_monotonic; 0: it goes on.
HOST_FUNCTION(app_spun) extern double host_app_spun(void);
// The app has called itself very often without a wait: ends it where it has done so for longer than the watchdog lets it.
HOST_FUNCTION(app_watch) extern void host_app_watch(void);
// Ends the calls of C up to the one that a function with setjmp made last: longjmp's part that C cannot do.
HOST_FUNCTION(app_long_jump) extern _Noreturn void host_app_long_jump(void);
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
// Copies the version of the operating system with its NUL, as much of it as there is room for.
HOST_FUNCTION(app_os_version) extern void host_app_os_version(char* version, size_t size);
// The heap is about to be so many bytes: 0, or HOST_ERROR_NO_SPACE where the operating system ends the app for that.
HOST_FUNCTION(app_heap_grow) extern int host_app_heap_grow(size_t size);
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

// What is at a path: HOST_PATH_…, or HOST_ERROR_NO_ENTRY.
enum
{
    HOST_PATH_FILE = 0, // to be read
    HOST_PATH_MUTABLE_FILE = 1,
    HOST_PATH_FOLDER = 2
};
typedef struct HOST_PATH_TAG
{
    int size;        // of a file, in bytes
    uint32_t number; // the same for all spellings of a path
} HOST_PATH;
HOST_FUNCTION(path_kind) extern int host_path_kind(const char* path, HOST_PATH* found);
// Copies the name of a folder's entry, by its number from 0, as much of it as there is room for, with its NUL; what it is as above,
// or HOST_ERROR_NO_ENTRY: there are no more.
HOST_FUNCTION(folder_entry) extern int host_folder_entry(const char* path, int index, char* name, size_t size);

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
    HOST_INET_STREAM = 0,
    HOST_INET_DATAGRAM = 1
};
enum
{
    HOST_READY_INPUT = 1,
    HOST_READY_OUTPUT = 2,
    HOST_READY_ERROR = 4,
    HOST_READY_CLOSED = 8
};
// The address by which the host knows a name from now on; 0, HOST_ERROR_NO_ENTRY, or HOST_ERROR_AGAIN without a network.
HOST_FUNCTION(inet_look_up) extern int host_inet_look_up(const char* name, uint32_t* ip);
HOST_FUNCTION(inet_socket) extern int host_inet_socket(int type);
HOST_FUNCTION(inet_close) extern void host_inet_close(int socket);
// HOST_READY_…: what poll would say.
HOST_FUNCTION(inet_ready) extern int host_inet_ready(int socket);
// Begins to connect (HOST_ERROR_IN_PROGRESS), or says how that went: 0, or HOST_ERROR_…, once.
HOST_FUNCTION(inet_connect) extern int host_inet_connect(int socket, const HOST_ADDRESS* address);
HOST_FUNCTION(inet_bind) extern int host_inet_bind(int socket, const HOST_ADDRESS* address);
HOST_FUNCTION(inet_listen) extern int host_inet_listen(int socket);
HOST_FUNCTION(inet_accepting) extern int host_inet_accepting(int socket);
// The socket of the next connection.
HOST_FUNCTION(inet_accept) extern int host_inet_accept(int socket, HOST_ADDRESS* from);
// The count of bytes that were taken; `to` may be NULL.
HOST_FUNCTION(inet_send)
extern int host_inet_send(int socket, const void* bytes, size_t size, const HOST_ADDRESS* to);
// Copies what has come, and forgets it unless it only peeks; the count of bytes, of a datagram its whole length, 0 at the end of
// a stream.
HOST_FUNCTION(inet_receive)
extern int host_inet_receive(int socket, void* buffer, size_t size, int peek, HOST_ADDRESS* from);
HOST_FUNCTION(inet_shutdown) extern int host_inet_shutdown(int socket, int reading, int writing);
// The address of this end, or of the peer.
HOST_FUNCTION(inet_address) extern int host_inet_address(int socket, int peer, HOST_ADDRESS* address);
// The error that waits, which is forgotten; 0: there is none.
HOST_FUNCTION(inet_take_error) extern int host_inet_take_error(int socket);

// TLS over a stream of inet_…, for libcurl. Once it is open, inet_send and inet_receive carry what is inside it. While it is being
// opened the socket is ready for nothing; then it is ready for output, however that ended.
typedef struct HOST_CONTENT_TAG
{
    const char* file;  // a path; NULL: not in a file
    const void* bytes; // the content itself, where it is in no file; NULL: not given
    uint32_t size;
} HOST_CONTENT;
typedef struct HOST_SOCKET_TLS_REQUEST_TAG
{
    const char* hostname;      // whom the certificate has to name
    const char* ca_folder;     // a path
    const char* key_password;
    const char* ciphers;       // names with : between them; NULL: the host's choice
    HOST_CONTENT ca;           // PEM. Without it and ca_folder, those that the device trusts
    HOST_CONTENT certificate;  // PEM or DER; not given: no client certificate
    HOST_CONTENT key;          // the same; not given: it is in `certificate`
    uint32_t lowest_version;   // as TLS counts them: 0x0303 is TLS 1.2
    uint32_t highest_version;
    uint32_t flags; // HOST_SOCKET_TLS_VERIFY_PEER …
} HOST_SOCKET_TLS_REQUEST;
enum
{
    HOST_SOCKET_TLS_VERIFY_PEER = 1,
    HOST_SOCKET_TLS_VERIFY_HOST = 2,
    HOST_SOCKET_TLS_DEVICE_AUTH = 4 // with the DAA certificate
};
enum
{
    HOST_SOCKET_TLS_OPENING = 0,
    HOST_SOCKET_TLS_OPEN = 1,
    HOST_SOCKET_TLS_FAILED = 2,
    HOST_SOCKET_TLS_NOT_TRUSTED = 3,     // the server's certificate, or its name
    HOST_SOCKET_TLS_BAD_TRUST = 4,       // `ca` or ca_folder hold no certificates
    HOST_SOCKET_TLS_BAD_CERTIFICATE = 5, // `certificate` and `key` can't be used
    HOST_SOCKET_TLS_BAD_CIPHERS = 6
};
// Whether a stream to a name and port leads anywhere, or is refused by the manifest: 1. If not 0, and the log says so.
HOST_FUNCTION(inet_leads_somewhere) extern int host_inet_leads_somewhere(const char* name, int port);
// Begins; how it went is tls_state's answer.
HOST_FUNCTION(socket_tls_start) extern void host_socket_tls_start(int socket, const HOST_SOCKET_TLS_REQUEST* request);
// HOST_SOCKET_TLS_OPENING and so on.
HOST_FUNCTION(socket_tls_state) extern int host_socket_tls_state(int socket);
// Copies what was agreed on, or why it failed, with its NUL, as much as there is room for.
HOST_FUNCTION(socket_tls_text) extern void host_socket_tls_text(int socket, char* text, size_t size);
// The length of a certificate (DER) that the server sent, the leaf is 0; 0: there is none. Copied where there is room for all of it.
HOST_FUNCTION(socket_tls_certificate) extern size_t host_socket_tls_certificate(int socket, int index, void* buffer, size_t size);

// Wi-Fi: the networks that are stored, by their ids, and the lists of host_wifi_network. 0, a count or an id, or
// HOST_ERROR_….
enum
{
    HOST_WIFI_STORED = 0,
    HOST_WIFI_SCANNED = 1,  // what the last scan found
    HOST_WIFI_CONNECTED = 2 // one entry, or none: HOST_ERROR_NO_DATA
};
enum
{
    HOST_WIFI_SSID = 0,
    HOST_WIFI_SECURITY = 1, // one byte: a WifiConfig_Security
    HOST_WIFI_KEY = 2,
    HOST_WIFI_ENABLED = 3,       // one byte: 0 or 1
    HOST_WIFI_TARGETED_SCAN = 4, // the same
    HOST_WIFI_NAME = 5,
    HOST_WIFI_IDENTITY = 6, // this and what follows belongs to EAP-TLS
    HOST_WIFI_CLIENT_CERTIFICATE = 7,
    HOST_WIFI_ROOT_CERTIFICATE = 8
};
typedef struct HOST_WIFI_NETWORK_TAG
{
    int id; // of the stored network
    unsigned frequency; // MHz
    uint8_t ssid[32];
    uint8_t bssid[6];
    uint8_t ssid_length;
    uint8_t security;
    uint8_t enabled;
    uint8_t connected;
    int8_t rssi;
} HOST_WIFI_NETWORK;
typedef struct HOST_WIFI_DIAGNOSTICS_TAG
{
    double time; // of the failure, as host_clock_now
    int error;   // of WifiConfig_NetworkDiagnostics
    uint8_t enabled;
    uint8_t connected;
} HOST_WIFI_DIAGNOSTICS;
HOST_FUNCTION(wifi_add) extern int host_wifi_add(void);
HOST_FUNCTION(wifi_duplicate) extern int host_wifi_duplicate(int id, const char* name);
HOST_FUNCTION(wifi_forget) extern int host_wifi_forget(int id);
HOST_FUNCTION(wifi_forget_all) extern int host_wifi_forget_all(void);
HOST_FUNCTION(wifi_find) extern int host_wifi_find(const char* name);
HOST_FUNCTION(wifi_set) extern int host_wifi_set(int id, int attribute, const void* value, size_t size);
// Copies a text with its NUL.
HOST_FUNCTION(wifi_get) extern int host_wifi_get(int id, int attribute, char* text, size_t size);
HOST_FUNCTION(wifi_persist) extern int host_wifi_persist(void);
HOST_FUNCTION(wifi_reload) extern int host_wifi_reload(void);
HOST_FUNCTION(wifi_scan) extern int host_wifi_scan(void);
HOST_FUNCTION(wifi_count) extern int host_wifi_count(int list);
HOST_FUNCTION(wifi_network) extern int host_wifi_network(int list, int index, HOST_WIFI_NETWORK* network);
HOST_FUNCTION(wifi_diagnostics) extern int host_wifi_diagnostics(int id, HOST_WIFI_DIAGNOSTICS* diagnostics);

// Network interfaces, by their names: 0, or HOST_ERROR_…. Addresses are as in struct in_addr.
typedef struct HOST_NETWORK_INTERFACE_TAG
{
    char name[16];
    uint8_t enabled;
    uint8_t dynamic; // it has a DHCP client
    uint8_t medium;  // a Networking_InterfaceMedium
} HOST_NETWORK_INTERFACE;
typedef struct HOST_IP_CONFIG_TAG
{
    uint32_t is_static;
    uint32_t address;
    uint32_t mask;
    uint32_t gateway;
    uint32_t dns_count; // 0: automatic
    uint32_t dns[3];
} HOST_IP_CONFIG;
typedef struct HOST_DHCP_SERVER_TAG
{
    uint32_t start;
    uint32_t count; // 0: no lease was set
    uint32_t mask;
    uint32_t gateway;
    uint32_t hours;
    uint32_t ntp_count;
    uint32_t ntp[3];
} HOST_DHCP_SERVER;
typedef struct HOST_PROXY_TAG
{
    uint32_t options; // Networking_ProxyOptions
    uint32_t port;
    uint32_t authentication; // a Networking_ProxyAuthType
    char address[256];
    char no_proxy[256];
    char username[64];
    char password[64];
} HOST_PROXY;
HOST_FUNCTION(network_count) extern int host_network_count(void);
HOST_FUNCTION(network_interface) extern void host_network_interface(int index, HOST_NETWORK_INTERFACE* interface);
// The interface's IPv4 address and subnet mask, as in struct in_addr; 0, or HOST_ERROR_NO_DATA where it has none.
HOST_FUNCTION(network_ip) extern int host_network_ip(int index, uint32_t address[2]);
HOST_FUNCTION(network_enable) extern int host_network_enable(const char* name, int enabled);
HOST_FUNCTION(network_get_address) extern int host_network_get_address(const char* name, void* address);
HOST_FUNCTION(network_set_address) extern int host_network_set_address(const char* name, const void* address);
HOST_FUNCTION(network_configure) extern int host_network_configure(const char* name, const HOST_IP_CONFIG* config);
// Gives a dynamic address up, or gets one again.
HOST_FUNCTION(network_release) extern int host_network_release(const char* name, int released);
HOST_FUNCTION(network_start_dhcp) extern int host_network_start_dhcp(const char* name, const HOST_DHCP_SERVER* server);
HOST_FUNCTION(network_start_sntp) extern int host_network_start_sntp(const char* name);
HOST_FUNCTION(network_set_proxy) extern int host_network_set_proxy(const HOST_PROXY* proxy);
HOST_FUNCTION(network_get_proxy) extern int host_network_get_proxy(HOST_PROXY* proxy);
// Networking_ProxyStatus.
HOST_FUNCTION(network_proxy_status) extern int host_network_proxy_status(void);

// Time synchronisation: 0, or HOST_ERROR_….
enum
{
    HOST_NTP_DEFAULT = 0,
    HOST_NTP_AUTOMATIC = 1,
    HOST_NTP_CUSTOM = 2
};
HOST_FUNCTION(time_sync_enable) extern int host_time_sync_enable(int enabled);
// 1 yes, 0 no.
HOST_FUNCTION(time_sync_enabled) extern int host_time_sync_enabled(void);
HOST_FUNCTION(time_sync_servers)
extern int host_time_sync_servers(int mode, const char* primary, const char* secondary, int fallback);
// The last one: copies the server's name and its NUL as far as there is room, and the times before and after, as host_clock_now;
// the bytes that the name needs, or HOST_ERROR_NO_ENTRY.
HOST_FUNCTION(time_sync_last) extern int host_time_sync_last(char* server, size_t size, double times[2]);

// Power: 0, or HOST_ERROR_….
HOST_FUNCTION(power_reboot) extern int host_power_reboot(void);
HOST_FUNCTION(power_down) extern int host_power_down(unsigned seconds);
HOST_FUNCTION(power_profile) extern int host_power_profile(int profile);

// Notifications of software updates: 0, or HOST_ERROR_….
typedef struct HOST_SYSTEM_EVENT_TAG
{
    uint32_t event;        // one of SysEvent_Events
    uint32_t status;       // SysEvent_Status
    uint32_t type;         // SysEvent_UpdateType
    uint32_t most_minutes; // that it can be put off
} HOST_SYSTEM_EVENT;
HOST_FUNCTION(system_events_register) extern int host_system_events_register(int wanted);
HOST_FUNCTION(system_events_unregister) extern void host_system_events_unregister(void);
HOST_FUNCTION(system_events_waiting) extern int host_system_events_waiting(void);
// The next one; not 0: there is none.
HOST_FUNCTION(system_events_next) extern int host_system_events_next(HOST_SYSTEM_EVENT* event);
HOST_FUNCTION(system_events_defer) extern int host_system_events_defer(int event, unsigned minutes);
HOST_FUNCTION(system_events_resume) extern int host_system_events_resume(int event);

// The device's store of certificates, by identifiers that are well formed: 0 or a count, or HOST_ERROR_….
enum
{
    HOST_CERTIFICATE_SUBJECT = 0,
    HOST_CERTIFICATE_ISSUER = 1
};
enum
{
    HOST_CERTIFICATE_NOT_BEFORE = 0,
    HOST_CERTIFICATE_NOT_AFTER = 1
};
// Without a key it is a root CA's.
HOST_FUNCTION(certificate_install)
extern int host_certificate_install(const char* identifier, const void* certificate, size_t size, const void* key,
                                    size_t key_size, const char* password);
HOST_FUNCTION(certificate_delete) extern int host_certificate_delete(const char* identifier);
HOST_FUNCTION(certificate_move) extern int host_certificate_move(const char* from, const char* to);
HOST_FUNCTION(certificate_count) extern int host_certificate_count(void);
HOST_FUNCTION(certificate_at) extern int host_certificate_at(unsigned index, char* identifier, size_t size);
// Bytes that are left.
HOST_FUNCTION(certificate_space) extern int host_certificate_space(void);
// Copies as much of a name and its NUL as there is room for.
HOST_FUNCTION(certificate_name)
extern int host_certificate_name(const char* identifier, int which, char* name, size_t size);
// As host_clock_now.
HOST_FUNCTION(certificate_time) extern int host_certificate_time(const char* identifier, int which, double* time);

// The time that apps have set: milliseconds that it is after host_clock_now. 0, or HOST_ERROR_….
HOST_FUNCTION(time_offset) extern double host_time_offset(void);
HOST_FUNCTION(time_set) extern int host_time_set(double offset);
// Sets the hardware clock.
HOST_FUNCTION(time_keep) extern int host_time_keep(void);

// ---- TLS by the host: src/app/host/tls
// The client's side of TLS without a way for its bytes: C brings the encrypted ones from wherever it has them and takes those that
// are to be sent, so that any socket will do. Nothing waits: after tls_open, tls_feed, tls_write and tls_shutdown the host has work
// to do, and app_wait comes back when it has settled (HOST_TLS_STATE).

// A context says whom an app trusts and as whom it comes; its number, from 0.
HOST_FUNCTION(tls_context_create) extern int host_tls_context_create(void);
HOST_FUNCTION(tls_context_copy) extern int host_tls_context_copy(int context);
// Connections that were opened with it go on.
HOST_FUNCTION(tls_context_free) extern void host_tls_context_free(int context);
enum
{
    HOST_TLS_TRUST = 0,       // adds certificate authorities
    HOST_TLS_CERTIFICATE = 1, // the first certificate, in the place of what was there
    HOST_TLS_CHAIN = 2,       // the same, with its issuers
    HOST_TLS_KEY = 3          // the private key. The DAA certificate needs none: its key is the host's.
};
// `bytes`: PEM or DER. 0, HOST_ERROR_NO_DATA where there is no such thing in them, HOST_ERROR_INVALID where it can't be read.
HOST_FUNCTION(tls_context_add) extern int host_tls_context_add(int context, int what, const void* bytes, size_t size);

typedef struct HOST_TLS_REQUEST_TAG
{
    int32_t context;
    uint32_t lowest;         // the versions to agree on: 12 is TLS 1.2, 13 is TLS 1.3
    uint32_t highest;        //
    const char* server_name; // that the server is told; NULL: none
    const char* host_name;   // that its certificate has to carry; NULL: any
    const char* protocols;   // application protocols, separated by commas; NULL: none
} HOST_TLS_REQUEST;
enum
{
    HOST_TLS_HANDSHAKE = 0,
    HOST_TLS_OPEN = 1,
    HOST_TLS_ENDED = 2, // the peer has ended the session; what came before can still be read
    HOST_TLS_FAILED = 3
};
// What speaks against the peer's certificate. Who accepts it all the same goes on.
enum
{
    HOST_TLS_TRUSTED = 0,
    HOST_TLS_NO_CERTIFICATE = 1,
    HOST_TLS_UNKNOWN_ISSUER = 2,
    HOST_TLS_NOT_YET_VALID = 3,
    HOST_TLS_EXPIRED = 4,
    HOST_TLS_WRONG_NAME = 5
};
// Why a session failed.
enum
{
    HOST_TLS_NO_ERROR = 0,
    HOST_TLS_ALERT = 1,         // the peer has said so
    HOST_TLS_VERSION = 2,       // there is no version that both have
    HOST_TLS_CORRUPTED = 3,     // what came was changed on its way
    HOST_TLS_OTHER_ERROR = 4    // the host has logged what it is
};
typedef struct HOST_TLS_STATE_TAG
{
    uint32_t settled; // not 0: the host has done all that there is to do
    uint32_t phase;
    uint32_t fault;    // of the peer's certificate, once the handshake is done
    uint32_t error;    // once it has failed
    uint32_t sending;  // encrypted bytes that tls_take has
    uint32_t readable; // bytes that tls_read has
} HOST_TLS_STATE;
// Begins a session; its number, from 0.
HOST_FUNCTION(tls_open) extern int host_tls_open(const HOST_TLS_REQUEST* request);
// Ends it wherever it stands, and forgets the number.
HOST_FUNCTION(tls_close) extern void host_tls_close(int session);
HOST_FUNCTION(tls_state) extern void host_tls_state(int session, HOST_TLS_STATE* state);
// Encrypted bytes that the peer has sent.
HOST_FUNCTION(tls_feed) extern void host_tls_feed(int session, const void* bytes, size_t size);
// Copies encrypted bytes that are to be sent, and forgets them; their count.
HOST_FUNCTION(tls_take) extern size_t host_tls_take(int session, void* buffer, size_t size);
// Copies what the peer has said, and forgets it unless it only peeks; the count of bytes.
HOST_FUNCTION(tls_read) extern size_t host_tls_read(int session, void* buffer, size_t size, int peek);
HOST_FUNCTION(tls_write) extern void host_tls_write(int session, const void* bytes, size_t size);
// Ends this side of the session.
HOST_FUNCTION(tls_shutdown) extern void host_tls_shutdown(int session);
enum
{
    HOST_TLS_VERSION_NAME = 0, // TLSv1.2
    HOST_TLS_CIPHER_NAME = 1,  // as IANA has it
    HOST_TLS_PROTOCOL_NAME = 2 // that the server chose
};
// Copies a text with its NUL, as much as there is room for; the bytes that it needs, or 0: there is none.
HOST_FUNCTION(tls_text) extern size_t host_tls_text(int session, int which, char* text, size_t size);
// Copies the DER of the peer's certificate; its size, which may be more than there is room for, or 0: there is none.
HOST_FUNCTION(tls_peer_certificate) extern size_t host_tls_peer_certificate(int session, void* der, size_t size);

// The same of the first certificate in PEM or DER bytes.
HOST_FUNCTION(x509_read) extern size_t host_x509_read(const void* bytes, size_t size, void* der, size_t capacity);
enum
{
    HOST_X509_SUBJECT = 0, // /CN=…/O=…
    HOST_X509_ISSUER = 1,
    HOST_X509_COMMON_NAME = 2, // the subject's
    HOST_X509_SERIAL = 3,      // hexadecimal
    HOST_X509_NOT_BEFORE = 4,  // as in the certificate: YYMMDDHHMMSSZ, or with four digits for the year
    HOST_X509_NOT_AFTER = 5,
    HOST_X509_HOST_NAMES = 6 // each with a line feed
};
// A text of a certificate, as host_tls_text.
HOST_FUNCTION(x509_text)
extern size_t host_x509_text(const void* der, size_t der_size, int which, char* text, size_t size);

// ---- ciphers: src/app/host/ciphers.ts

enum
{
    HOST_CIPHER_AES_CBC = 0,
    HOST_CIPHER_AES_CTR = 1,
    HOST_CIPHER_AES_GCM = 2,
    HOST_CIPHER_CHACHA20_POLY1305 = 3
};
typedef struct HOST_CIPHER_REQUEST_TAG
{
    uint32_t cipher;
    uint32_t decrypts;
    const void* key;
    uint32_t key_size;
    const void* iv;
    uint32_t iv_size;
    const void* data; // that is authenticated
    uint32_t data_size;
    const void* in;
    uint32_t size; // of `in` and `out`
    void* out;     // may be `in`
    void* tag;     // written, or with `decrypts` read
    uint32_t tag_size;
} HOST_CIPHER_REQUEST;
// 0, HOST_ERROR_INVALID for sizes that do not fit, HOST_ERROR_ACCESS where the tag does not fit.
HOST_FUNCTION(cipher) extern int host_cipher(const HOST_CIPHER_REQUEST* request);

#endif
