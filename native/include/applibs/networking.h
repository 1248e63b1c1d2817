// Network interfaces, their IP configuration and the services on them, and time synchronisation. The device has wlan0 (Wi-Fi) and eth0.
//
// The manifest's capability is in parentheses; without it EACCES. What is configured is kept when the device restarts.
#ifndef APPLIBS_NETWORKING_H
#define APPLIBS_NETWORKING_H

#include <net/if.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <time.h>

#ifndef NETWORKING_STRUCTS_VERSION
#define NETWORKING_STRUCTS_VERSION 1
#endif

#ifdef __cplusplus
extern "C" {
#endif

// ---- state

// A bit mask of what a network interface has got to.
typedef uint32_t Networking_InterfaceConnectionStatus;
enum
{
    Networking_InterfaceConnectionStatus_InterfaceUp = 1 << 0,
    Networking_InterfaceConnectionStatus_ConnectedToNetwork = 1 << 1,
    Networking_InterfaceConnectionStatus_IpAvailable = 1 << 2,
    Networking_InterfaceConnectionStatus_ConnectedToInternet = 1 << 3
};

typedef uint8_t Networking_IpType_Type;
typedef enum
{
    Networking_IpType_DhcpNone = 0, // static
    Networking_IpType_DhcpClient = 1
} Networking_IpType;

typedef uint8_t Networking_InterfaceMedium_Type;
typedef enum
{
    Networking_InterfaceMedium_Unspecified = 0,
    Networking_InterfaceMedium_Wifi = 1,
    Networking_InterfaceMedium_Ethernet = 2
} Networking_InterfaceMedium;

typedef struct Networking_NetworkInterface
{
    uint32_t z__magicAndVersion;
    bool isEnabled;
    char interfaceName[IF_NAMESIZE];
    uint32_t reserved;
    Networking_IpType_Type ipConfigurationType;
    Networking_InterfaceMedium_Type interfaceMediumType;
} Networking_NetworkInterface;

#define HARDWARE_ADDRESS_LENGTH 6

typedef struct Networking_Interface_HardwareAddress
{
    uint8_t address[HARDWARE_ADDRESS_LENGTH];
} Networking_Interface_HardwareAddress;

// Whether an interface is connected and has an address that leads to the internet. 0, or -1 with EFAULT.
int Networking_IsNetworkingReady(bool* outIsNetworkingReady);
// What an interface (wlan0, eth0) has got to. 0, or -1 with EFAULT, ENOENT (there is no such interface).
int Networking_GetInterfaceConnectionStatus(const char* networkInterfaceName, Networking_InterfaceConnectionStatus* outStatus);
// How many interfaces the device has.
ssize_t Networking_GetInterfaceCount(void);
// Fills the array; how many there is room for, or -1 with EFAULT, ERANGE (no room).
ssize_t Networking_GetInterfaces(Networking_NetworkInterface* outNetworkInterfacesArray, size_t networkInterfacesArrayCount);
// Enables or disables an interface (NetworkConfig). 0, or -1 with EACCES, EFAULT, ENOENT.
int Networking_SetInterfaceState(const char* networkInterfaceName, bool isEnabled);
// Sets the address of eth0 (HardwareAddressConfig). 0, or -1 with EACCES, EFAULT, ENOENT, EPERM (another interface), ERANGE
// (length), EINVAL (all zero, or a group address).
int Networking_SetHardwareAddress(const char* networkInterfaceName, const uint8_t* hardwareAddress,
                                  size_t hardwareAddressLength);
// 0, or -1 with EFAULT (name), EINVAL (`outAddress` is NULL), ENOENT.
int Networking_GetHardwareAddress(const char* networkInterfaceName, Networking_Interface_HardwareAddress* outAddress);

// ---- IP configuration

// Its content is ours: dynamic or static address, automatic or own DNS servers.
typedef struct Networking_IpConfig
{
    uint64_t reserved[5];
} Networking_IpConfig;

// A dynamic address, automatic DNS.
void Networking_IpConfig_Init(Networking_IpConfig* ipConfig);
void Networking_IpConfig_Destroy(Networking_IpConfig* ipConfig);
void Networking_IpConfig_EnableDynamicIp(Networking_IpConfig* ipConfig);
void Networking_IpConfig_EnableStaticIp(Networking_IpConfig* ipConfig, struct in_addr ipAddress, struct in_addr subnetMask,
                                        struct in_addr gatewayAddress);
void Networking_IpConfig_EnableAutomaticDns(Networking_IpConfig* ipConfig);
// Up to three servers. 0, or -1 with EFAULT, EINVAL (more, or 0.0.0.0).
int Networking_IpConfig_EnableCustomDns(Networking_IpConfig* ipConfig, const struct in_addr* dnsServerAddresses,
                                        size_t serverCount);
// Configures an interface (NetworkConfig). 0, or -1 with EACCES, EFAULT, ENOENT.
int Networking_IpConfig_Apply(const char* networkInterfaceName, const Networking_IpConfig* ipConfig);
// Gives the dynamic address up until it is renewed (NetworkConfig). 0, or -1 with EACCES, EFAULT, ENOENT, EPERM (static).
int Networking_IpConfig_ReleaseIp(const char* networkInterfaceName);
// The same errors.
int Networking_IpConfig_RenewIp(const char* networkInterfaceName);

// ---- services for a private network

typedef struct Networking_DhcpServerConfig
{
    uint64_t reserved[8];
} Networking_DhcpServerConfig;

void Networking_DhcpServerConfig_Init(Networking_DhcpServerConfig* dhcpServerConfig);
void Networking_DhcpServerConfig_Destroy(Networking_DhcpServerConfig* dhcpServerConfig);
// What the server leases. 0, or -1 with EFAULT, EINVAL (nothing to lease, no time, no mask, addresses or a gateway outside the
// subnet, the gateway among the addresses; a gateway of 0.0.0.0 is none).
int Networking_DhcpServerConfig_SetLease(Networking_DhcpServerConfig* dhcpServerConfig, struct in_addr startIpAddress,
                                         uint8_t ipAddressCount, struct in_addr subnetMask, struct in_addr gatewayAddress,
                                         uint32_t leaseTimeInHours);
// Up to three servers. 0, or -1 with EFAULT, EINVAL (more, or 0.0.0.0).
int Networking_DhcpServerConfig_SetNtpServerAddresses(Networking_DhcpServerConfig* dhcpServerConfig,
                                                      const struct in_addr* ntpServerAddresses, size_t serverCount);
// (DhcpService) 0, or -1 with EACCES, EFAULT, ENOENT, EPERM (the interface has no static address), EINVAL (no lease).
int Networking_DhcpServer_Start(const char* networkInterfaceName, const Networking_DhcpServerConfig* dhcpServerConfig);

typedef struct Networking_SntpServerConfig
{
    uint64_t reserved[3];
} Networking_SntpServerConfig;

void Networking_SntpServerConfig_Init(Networking_SntpServerConfig* sntpServerConfig);
void Networking_SntpServerConfig_Destroy(Networking_SntpServerConfig* sntpServerConfig);
// (SntpService) 0, or -1 with EACCES, EFAULT, ENOENT.
int Networking_SntpServer_Start(const char* networkInterfaceName, const Networking_SntpServerConfig* sntpServerConfig);

// ---- time synchronisation

// Whether the operating system's server is asked where the others fail.
typedef uint32_t Networking_NtpOption;
enum
{
    Networking_NtpOption_FallbackServerDisabled = 0,
    Networking_NtpOption_FallbackServerEnabled = 1
};

// (TimeSyncConfig) 0, or -1 with EACCES.
int Networking_TimeSync_SetEnabled(bool enabled);
// (TimeSyncConfig) 0, or -1 with EACCES, EFAULT.
int Networking_TimeSync_GetEnabled(bool* outIsEnabled);
// The operating system's server (TimeSyncConfig). 0, or -1 with EACCES.
int Networking_TimeSync_EnableDefaultNtp(void);
// The servers that DHCP names (TimeSyncConfig). 0, or -1 with EACCES, EINVAL (option).
int Networking_TimeSync_EnableAutomaticNtp(Networking_NtpOption option);
// One or two servers, names or addresses of 255 characters at most (TimeSyncConfig); the second may be NULL. 0, or -1 with EACCES,
// EFAULT, ERANGE (too long), EINVAL (option, or an empty name).
int Networking_TimeSync_EnableCustomNtp(const char* primaryNtpServer, const char* secondaryNtpServer,
                                        Networking_NtpOption option);
// The server that set the time last, and the times before and after, in UTC; each may be NULL, the length with the server. 0, or -1
// with EFAULT (no length), ENOENT (never), ENOBUFS (the server needs the bytes that are now in `*inOutNtpServerLength`).
int Networking_TimeSync_GetLastNtpSyncInfo(char* outNtpServer, size_t* inOutNtpServerLength, struct tm* outTimeBeforeSync,
                                           struct tm* outNtpTime);

// ---- names of the SDK 19.05, by what there is now, with its capabilities and errors

typedef struct Networking_StaticIpConfiguration
{
    uint32_t z__magicAndVersion;
    struct in_addr ipAddress;
    struct in_addr netMask;
    struct in_addr gatewayAddress;
} Networking_StaticIpConfiguration;

static inline void Networking_InitStaticIpConfiguration(Networking_StaticIpConfiguration* staticIpConfiguration)
{
    const Networking_StaticIpConfiguration none = {0, {0}, {0}, {0}};
    *staticIpConfiguration = none;
}

static inline int Networking_SetStaticIp(const char* networkInterfaceName,
                                         const Networking_StaticIpConfiguration* staticIpConfiguration)
{
    Networking_IpConfig ipConfig;
    int result;
    if (staticIpConfiguration == NULL)
    {
        return Networking_IpConfig_Apply(networkInterfaceName, NULL);
    }
    Networking_IpConfig_Init(&ipConfig);
    Networking_IpConfig_EnableStaticIp(&ipConfig, staticIpConfiguration->ipAddress, staticIpConfiguration->netMask,
                                       staticIpConfiguration->gatewayAddress);
    result = Networking_IpConfig_Apply(networkInterfaceName, &ipConfig);
    Networking_IpConfig_Destroy(&ipConfig);
    return result;
}

// NTP servers follow each other; one that is 0.0.0.0 is the end.
typedef struct Networking_DhcpServerConfiguration
{
    uint32_t z__magicAndVersion;
    struct in_addr startIpAddress;
    uint8_t ipAddressCount;
    struct in_addr netMask;
    struct in_addr gatewayAddress;
    struct in_addr ntpServers[3];
    uint32_t leaseTimeHours;
} Networking_DhcpServerConfiguration;

static inline void Networking_InitDhcpServerConfiguration(Networking_DhcpServerConfiguration* dhcpServerConfiguration)
{
    const Networking_DhcpServerConfiguration none = {0, {0}, 0, {0}, {0}, {{0}, {0}, {0}}, 0};
    *dhcpServerConfiguration = none;
}

static inline int Networking_StartDhcpServer(const char* networkInterfaceName,
                                             const Networking_DhcpServerConfiguration* dhcpServerConfiguration)
{
    Networking_DhcpServerConfig config;
    size_t servers = 0;
    int result;
    if (dhcpServerConfiguration == NULL)
    {
        return Networking_DhcpServer_Start(networkInterfaceName, NULL);
    }
    while (servers < 3 && dhcpServerConfiguration->ntpServers[servers].s_addr != 0)
    {
        servers++;
    }
    Networking_DhcpServerConfig_Init(&config);
    result = Networking_DhcpServerConfig_SetLease(
        &config, dhcpServerConfiguration->startIpAddress, dhcpServerConfiguration->ipAddressCount,
        dhcpServerConfiguration->netMask, dhcpServerConfiguration->gatewayAddress, dhcpServerConfiguration->leaseTimeHours);
    if (result == 0 && servers > 0)
    {
        result = Networking_DhcpServerConfig_SetNtpServerAddresses(&config, dhcpServerConfiguration->ntpServers, servers);
    }
    if (result == 0)
    {
        result = Networking_DhcpServer_Start(networkInterfaceName, &config);
    }
    Networking_DhcpServerConfig_Destroy(&config);
    return result;
}

static inline int Networking_StartSntpServer(const char* networkInterfaceName)
{
    Networking_SntpServerConfig config;
    int result;
    Networking_SntpServerConfig_Init(&config);
    result = Networking_SntpServer_Start(networkInterfaceName, &config);
    Networking_SntpServerConfig_Destroy(&config);
    return result;
}

static inline int Networking_SetNtpState(bool isEnabled)
{
    return Networking_TimeSync_SetEnabled(isEnabled);
}

static inline int Networking_GetNtpState(bool* outIsEnabled)
{
    return Networking_TimeSync_GetEnabled(outIsEnabled);
}

// ---- HTTP proxy

// Characters at most.
#define PROXY_ADDRESS_MAX_LENGTH 255
#define PROXY_NO_PROXY_ADDRESSES_MAX_LENGTH 255
#define PROXY_USERNAME_MAX_LENGTH 63
#define PROXY_PASSWORD_MAX_LENGTH 63

typedef uint32_t Networking_ProxyOptions;
enum
{
    Networking_ProxyOptions_None = 1 << 0,
    Networking_ProxyOptions_Enabled = 1 << 1
};

typedef uint32_t Networking_ProxyStatus;
enum
{
    Networking_ProxyStatus_Enabled = 1 << 0,
    Networking_ProxyStatus_ResolvingProxyName = 1 << 1,
    Networking_ProxyStatus_Ready = 1 << 2
};

typedef int8_t Networking_ProxyType;
enum
{
    Networking_ProxyType_Invalid = -1,
    Networking_ProxyType_HTTP = 0
};

typedef int8_t Networking_ProxyAuthType;
enum
{
    Networking_ProxyAuthType_Invalid = -1,
    Networking_ProxyAuthType_Anonymous = 0,
    Networking_ProxyAuthType_Basic = 1
};

typedef struct Networking_ProxyConfig Networking_ProxyConfig;

// An HTTP proxy that is enabled, without authentication; to be destroyed. NULL with ENOMEM.
Networking_ProxyConfig* Networking_Proxy_Create(void);
void Networking_Proxy_Destroy(Networking_ProxyConfig* proxyConfig);
// Sets the device's proxy (NetworkConfig). 0, or -1 with EACCES, EFAULT.
int Networking_Proxy_Apply(const Networking_ProxyConfig* proxyConfig);
// Gets it (NetworkConfig or ReadNetworkProxyConfig). 0, or -1 with EACCES, EFAULT, ENOENT (there is none).
int Networking_Proxy_Get(Networking_ProxyConfig* proxyConfig);
// What has become of it. 0, or -1 with EFAULT.
int Networking_Proxy_GetProxyStatus(Networking_ProxyStatus* proxyStatus);
// Each: 0, or -1 with EFAULT, ERANGE (a text is too long).
int Networking_Proxy_SetProxyOptions(Networking_ProxyConfig* proxyConfig, Networking_ProxyOptions proxyOptions);
int Networking_Proxy_SetProxyAddress(Networking_ProxyConfig* proxyConfig, const char* proxyAddress, uint16_t proxyPort);
int Networking_Proxy_SetAnonymousAuthentication(Networking_ProxyConfig* proxyConfig);
int Networking_Proxy_SetBasicAuthentication(Networking_ProxyConfig* proxyConfig, const char* username, const char* password);
int Networking_Proxy_SetProxyNoProxyAddresses(Networking_ProxyConfig* proxyConfig, const char* noProxyAddresses);
// Each: 0, or -1 with EFAULT.
int Networking_Proxy_GetProxyOptions(const Networking_ProxyConfig* proxyConfig, Networking_ProxyOptions* proxyOptions);
int Networking_Proxy_GetProxyPort(const Networking_ProxyConfig* proxyConfig, uint16_t* proxyPort);
// Each text belongs to the configuration; NULL with EFAULT.
const char* Networking_Proxy_GetProxyAddress(const Networking_ProxyConfig* proxyConfig);
const char* Networking_Proxy_GetProxyUsername(const Networking_ProxyConfig* proxyConfig);
const char* Networking_Proxy_GetProxyPassword(const Networking_ProxyConfig* proxyConfig);
const char* Networking_Proxy_GetNoProxyAddresses(const Networking_ProxyConfig* proxyConfig);
// Each: …_Invalid with EFAULT.
Networking_ProxyType Networking_Proxy_GetProxyType(const Networking_ProxyConfig* proxyConfig);
Networking_ProxyAuthType Networking_Proxy_GetAuthType(const Networking_ProxyConfig* proxyConfig);

#ifdef __cplusplus
}
#endif

#endif
