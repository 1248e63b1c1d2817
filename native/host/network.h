// Network interfaces, the proxy, time synchronisation. The other side: src/app/host/network.ts.
#ifndef SPHERE_IOT_HOST_NETWORK_H
#define SPHERE_IOT_HOST_NETWORK_H

#include "host/core.h"

// Network interfaces, by their names. Addresses are as in struct in_addr.
typedef struct HOST_NETWORK_INTERFACE_TAG
{
    char name[16];
    uint8_t enabled;
    uint8_t dynamic; // it has a DHCP client
    uint8_t medium;  // a Networking_InterfaceMedium
} HOST_NETWORK_INTERFACE;
typedef struct HOST_INTERFACE_ADDRESS_TAG
{
    uint32_t address;
    uint32_t mask;
} HOST_INTERFACE_ADDRESS;
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
// Networking_InterfaceConnectionStatus of an interface, or HOST_ERROR_NO_ENTRY.
HOST_FUNCTION(app_interface_status) extern int host_app_interface_status(const char* name);
// How many interfaces there are.
HOST_FUNCTION(network_count) extern int host_network_count(void);
// Fills in what is known of one, by its number from 0.
HOST_FUNCTION(network_interface) extern void host_network_interface(int index, HOST_NETWORK_INTERFACE* found);
// Fills in the address of an interface, by its number from 0: 0, or HOST_ERROR_NO_DATA where it has none.
HOST_FUNCTION(network_ip) extern int host_network_ip(int index, HOST_INTERFACE_ADDRESS* address);
// Enables or disables an interface: 0, or HOST_ERROR_….
HOST_FUNCTION(network_enable) extern int host_network_enable(const char* name, int enabled);
// Copies an interface's hardware address, 6 bytes: 0, or HOST_ERROR_….
HOST_FUNCTION(network_get_address) extern int host_network_get_address(const char* name, void* address);
// Sets it: 0, or HOST_ERROR_….
HOST_FUNCTION(network_set_address) extern int host_network_set_address(const char* name, const void* address);
// Sets its addresses and DNS servers: 0, or HOST_ERROR_….
HOST_FUNCTION(network_configure) extern int host_network_configure(const char* name, const HOST_IP_CONFIG* config);
// Gives a dynamic address up, or gets one again: 0, or HOST_ERROR_….
HOST_FUNCTION(network_release) extern int host_network_release(const char* name, int released);
// Starts a DHCP server on it: 0, or HOST_ERROR_….
HOST_FUNCTION(network_start_dhcp) extern int host_network_start_dhcp(const char* name, const HOST_DHCP_SERVER* server);
// Starts an SNTP server on it: 0, or HOST_ERROR_….
HOST_FUNCTION(network_start_sntp) extern int host_network_start_sntp(const char* name);
// Sets the device's proxy: 0, or HOST_ERROR_….
HOST_FUNCTION(network_set_proxy) extern int host_network_set_proxy(const HOST_PROXY* proxy);
// Fills in the proxy that was set: 0, or HOST_ERROR_….
HOST_FUNCTION(network_get_proxy) extern int host_network_get_proxy(HOST_PROXY* proxy);
// Networking_ProxyStatus.
HOST_FUNCTION(network_proxy_status) extern int host_network_proxy_status(void);

// Time synchronisation.

enum HOST_NTP_MODE
{
    HOST_NTP_DEFAULT = 0,
    HOST_NTP_AUTOMATIC = 1,
    HOST_NTP_CUSTOM = 2
};
// Switches it on or off: 0, or HOST_ERROR_….
HOST_FUNCTION(time_sync_enable) extern int host_time_sync_enable(int enabled);
// Whether it is on: 1 yes, 0 no.
HOST_FUNCTION(time_sync_enabled) extern int host_time_sync_enabled(void);
// Chooses the servers. `mode`: HOST_NTP_…; the names are for HOST_NTP_CUSTOM. 0, or HOST_ERROR_….
HOST_FUNCTION(time_sync_servers)
extern int host_time_sync_servers(int mode, const char* primary, const char* secondary, int fallback);
typedef struct HOST_TIME_SYNC_TAG
{
    double before; // as host_clock_now
    double after;
} HOST_TIME_SYNC;
// The last synchronisation: copies the server's name with its NUL, as much of it as there is room for, and fills in the times. The
// bytes that the name needs, or HOST_ERROR_NO_ENTRY.
HOST_FUNCTION(time_sync_last) extern int host_time_sync_last(char* server, size_t size, HOST_TIME_SYNC* sync);

#endif
