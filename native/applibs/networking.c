// applibs/networking.h, without the proxy: interfaces, their addresses and services, and time synchronisation (src/app/host/network.ts).
#include <applibs/networking.h>

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>

#include "fail.h"
#include "host.h"
#include "host_error.h"

#define INTERFACE_MAGIC (0xfa9a0000u | NETWORKING_STRUCTS_VERSION)
#define MAX_SERVERS 3
#define MAX_HOST_NAME 255

// ---- state

int Networking_IsNetworkingReady(bool* outIsNetworkingReady)
{
    if (outIsNetworkingReady == NULL)
    {
        return fail(EFAULT);
    }
    *outIsNetworkingReady = host_device_network_ready() == 1;
    return 0;
}

int Networking_GetInterfaceConnectionStatus(const char* networkInterfaceName, Networking_InterfaceConnectionStatus* outStatus)
{
    int status;
    if (networkInterfaceName == NULL || outStatus == NULL)
    {
        return fail(EFAULT);
    }
    status = host_result(host_app_interface_status(networkInterfaceName));
    if (status < 0)
    {
        return -1;
    }
    *outStatus = (Networking_InterfaceConnectionStatus)status;
    return 0;
}

ssize_t Networking_GetInterfaceCount(void)
{
    return host_network_count();
}

ssize_t Networking_GetInterfaces(Networking_NetworkInterface* outNetworkInterfacesArray, size_t networkInterfacesArrayCount)
{
    size_t count = (size_t)host_network_count();
    if (outNetworkInterfacesArray == NULL || networkInterfacesArrayCount == 0)
    {
        return fail(outNetworkInterfacesArray == NULL ? EFAULT : ERANGE);
    }
    count = count < networkInterfacesArrayCount ? count : networkInterfacesArrayCount;
    for (size_t i = 0; i < count; i++)
    {
        Networking_NetworkInterface* interface = &outNetworkInterfacesArray[i];
        HOST_NETWORK_INTERFACE found;
        host_network_interface((int)i, &found);
        *interface = (Networking_NetworkInterface){.z__magicAndVersion = INTERFACE_MAGIC,
                                                   .isEnabled = found.enabled != 0,
                                                   .ipConfigurationType = found.dynamic,
                                                   .interfaceMediumType = found.medium};
        memcpy(interface->interfaceName, found.name, sizeof(interface->interfaceName));
    }
    return (ssize_t)count;
}

int Networking_SetInterfaceState(const char* networkInterfaceName, bool isEnabled)
{
    return networkInterfaceName == NULL ? fail(EFAULT) : host_result(host_network_enable(networkInterfaceName, isEnabled));
}

int Networking_SetHardwareAddress(const char* networkInterfaceName, const uint8_t* hardwareAddress,
                                  size_t hardwareAddressLength)
{
    if (networkInterfaceName == NULL || hardwareAddress == NULL)
    {
        return fail(EFAULT);
    }
    if (hardwareAddressLength != HARDWARE_ADDRESS_LENGTH)
    {
        return fail(ERANGE);
    }
    return host_result(host_network_set_address(networkInterfaceName, hardwareAddress));
}

int Networking_GetHardwareAddress(const char* networkInterfaceName, Networking_Interface_HardwareAddress* outAddress)
{
    if (networkInterfaceName == NULL || outAddress == NULL)
    {
        return fail(networkInterfaceName == NULL ? EFAULT : EINVAL);
    }
    return host_result(host_network_get_address(networkInterfaceName, outAddress->address));
}

// ---- IP configuration

_Static_assert(sizeof(HOST_IP_CONFIG) <= sizeof(Networking_IpConfig), "fits");
_Static_assert(sizeof(HOST_DHCP_SERVER) <= sizeof(Networking_DhcpServerConfig), "fits");

// Copies servers that can be used; false with errno.
static bool copy_servers(uint32_t* servers, uint32_t* count, const struct in_addr* given, size_t given_count)
{
    if (given == NULL || given_count > MAX_SERVERS)
    {
        errno = given == NULL ? EFAULT : EINVAL;
        return false;
    }
    for (size_t i = 0; i < given_count; i++)
    {
        if (given[i].s_addr == INADDR_ANY)
        {
            errno = EINVAL;
            return false;
        }
    }
    for (size_t i = 0; i < given_count; i++)
    {
        servers[i] = given[i].s_addr;
    }
    *count = (uint32_t)given_count;
    return true;
}

void Networking_IpConfig_Init(Networking_IpConfig* ipConfig)
{
    memset(ipConfig, 0, sizeof(*ipConfig));
}

void Networking_IpConfig_Destroy(Networking_IpConfig* ipConfig)
{
    (void)ipConfig; // holds nothing
}

void Networking_IpConfig_EnableDynamicIp(Networking_IpConfig* ipConfig)
{
    ((HOST_IP_CONFIG*)ipConfig)->is_static = 0;
}

void Networking_IpConfig_EnableStaticIp(Networking_IpConfig* ipConfig, struct in_addr ipAddress, struct in_addr subnetMask,
                                        struct in_addr gatewayAddress)
{
    HOST_IP_CONFIG* config = (HOST_IP_CONFIG*)ipConfig;
    config->is_static = 1;
    config->address = ipAddress.s_addr;
    config->mask = subnetMask.s_addr;
    config->gateway = gatewayAddress.s_addr;
}

void Networking_IpConfig_EnableAutomaticDns(Networking_IpConfig* ipConfig)
{
    ((HOST_IP_CONFIG*)ipConfig)->dns_count = 0;
}

int Networking_IpConfig_EnableCustomDns(Networking_IpConfig* ipConfig, const struct in_addr* dnsServerAddresses,
                                        size_t serverCount)
{
    HOST_IP_CONFIG* config = (HOST_IP_CONFIG*)ipConfig;
    if (config == NULL)
    {
        return fail(EFAULT);
    }
    return copy_servers(config->dns, &config->dns_count, dnsServerAddresses, serverCount) ? 0 : -1;
}

int Networking_IpConfig_Apply(const char* networkInterfaceName, const Networking_IpConfig* ipConfig)
{
    if (networkInterfaceName == NULL || ipConfig == NULL)
    {
        return fail(EFAULT);
    }
    return host_result(host_network_configure(networkInterfaceName, (const HOST_IP_CONFIG*)ipConfig));
}

int Networking_IpConfig_ReleaseIp(const char* networkInterfaceName)
{
    return networkInterfaceName == NULL ? fail(EFAULT) : host_result(host_network_release(networkInterfaceName, 1));
}

int Networking_IpConfig_RenewIp(const char* networkInterfaceName)
{
    return networkInterfaceName == NULL ? fail(EFAULT) : host_result(host_network_release(networkInterfaceName, 0));
}

// ---- services for a private network

void Networking_DhcpServerConfig_Init(Networking_DhcpServerConfig* dhcpServerConfig)
{
    memset(dhcpServerConfig, 0, sizeof(*dhcpServerConfig));
}

void Networking_DhcpServerConfig_Destroy(Networking_DhcpServerConfig* dhcpServerConfig)
{
    (void)dhcpServerConfig; // holds nothing
}

// Addresses in the order of the machine.
static bool can_lease(uint32_t start, uint32_t count, uint32_t mask, uint32_t gateway)
{
    uint32_t hosts = ~mask; // the part of an address that is the host's
    uint32_t first = start & hosts;
    if (count == 0 || mask == 0 || (hosts & (hosts + 1)) != 0 || first == 0 || count >= hosts || first + count > hosts)
    {
        return false;
    }
    return gateway == 0 || ((gateway & mask) == (start & mask) && (gateway < start || gateway >= start + count));
}

int Networking_DhcpServerConfig_SetLease(Networking_DhcpServerConfig* dhcpServerConfig, struct in_addr startIpAddress,
                                         uint8_t ipAddressCount, struct in_addr subnetMask, struct in_addr gatewayAddress,
                                         uint32_t leaseTimeInHours)
{
    HOST_DHCP_SERVER* server = (HOST_DHCP_SERVER*)dhcpServerConfig;
    if (server == NULL)
    {
        return fail(EFAULT);
    }
    if (leaseTimeInHours == 0 ||
        !can_lease(ntohl(startIpAddress.s_addr), ipAddressCount, ntohl(subnetMask.s_addr), ntohl(gatewayAddress.s_addr)))
    {
        return fail(EINVAL);
    }
    server->start = startIpAddress.s_addr;
    server->count = ipAddressCount;
    server->mask = subnetMask.s_addr;
    server->gateway = gatewayAddress.s_addr;
    server->hours = leaseTimeInHours;
    return 0;
}

int Networking_DhcpServerConfig_SetNtpServerAddresses(Networking_DhcpServerConfig* dhcpServerConfig,
                                                      const struct in_addr* ntpServerAddresses, size_t serverCount)
{
    HOST_DHCP_SERVER* server = (HOST_DHCP_SERVER*)dhcpServerConfig;
    if (server == NULL)
    {
        return fail(EFAULT);
    }
    return copy_servers(server->ntp, &server->ntp_count, ntpServerAddresses, serverCount) ? 0 : -1;
}

int Networking_DhcpServer_Start(const char* networkInterfaceName, const Networking_DhcpServerConfig* dhcpServerConfig)
{
    if (networkInterfaceName == NULL || dhcpServerConfig == NULL)
    {
        return fail(EFAULT);
    }
    return host_result(host_network_start_dhcp(networkInterfaceName, (const HOST_DHCP_SERVER*)dhcpServerConfig));
}

void Networking_SntpServerConfig_Init(Networking_SntpServerConfig* sntpServerConfig)
{
    memset(sntpServerConfig, 0, sizeof(*sntpServerConfig));
}

void Networking_SntpServerConfig_Destroy(Networking_SntpServerConfig* sntpServerConfig)
{
    (void)sntpServerConfig; // holds nothing
}

int Networking_SntpServer_Start(const char* networkInterfaceName, const Networking_SntpServerConfig* sntpServerConfig)
{
    if (networkInterfaceName == NULL || sntpServerConfig == NULL)
    {
        return fail(EFAULT);
    }
    return host_result(host_network_start_sntp(networkInterfaceName));
}

// ---- time synchronisation

int Networking_TimeSync_SetEnabled(bool enabled)
{
    return host_result(host_time_sync_enable(enabled));
}

int Networking_TimeSync_GetEnabled(bool* outIsEnabled)
{
    int enabled;
    if (outIsEnabled == NULL)
    {
        return fail(EFAULT);
    }
    enabled = host_result(host_time_sync_enabled());
    if (enabled < 0)
    {
        return -1;
    }
    *outIsEnabled = enabled == 1;
    return 0;
}

int Networking_TimeSync_EnableDefaultNtp(void)
{
    return host_result(host_time_sync_servers(HOST_NTP_DEFAULT, NULL, NULL, 0));
}

int Networking_TimeSync_EnableAutomaticNtp(Networking_NtpOption option)
{
    if (option > Networking_NtpOption_FallbackServerEnabled)
    {
        return fail(EINVAL);
    }
    return host_result(host_time_sync_servers(HOST_NTP_AUTOMATIC, NULL, NULL, (int)option));
}

int Networking_TimeSync_EnableCustomNtp(const char* primaryNtpServer, const char* secondaryNtpServer,
                                        Networking_NtpOption option)
{
    const char* second = secondaryNtpServer == NULL ? primaryNtpServer : secondaryNtpServer;
    if (primaryNtpServer == NULL)
    {
        return fail(EFAULT);
    }
    if (strnlen(primaryNtpServer, MAX_HOST_NAME + 1) > MAX_HOST_NAME || strnlen(second, MAX_HOST_NAME + 1) > MAX_HOST_NAME)
    {
        return fail(ERANGE);
    }
    if (primaryNtpServer[0] == '\0' || second[0] == '\0' || option > Networking_NtpOption_FallbackServerEnabled)
    {
        return fail(EINVAL);
    }
    return host_result(host_time_sync_servers(HOST_NTP_CUSTOM, primaryNtpServer, secondaryNtpServer, (int)option));
}

static void utc_of(double milliseconds, struct tm* result)
{
    time_t seconds = (time_t)(milliseconds / 1000);
    if (result != NULL)
    {
        (void)gmtime_r(&seconds, result);
    }
}

int Networking_TimeSync_GetLastNtpSyncInfo(char* outNtpServer, size_t* inOutNtpServerLength, struct tm* outTimeBeforeSync,
                                           struct tm* outNtpTime)
{
    char server[MAX_HOST_NAME + 1];
    HOST_TIME_SYNC sync;
    int needed;
    if (outNtpServer != NULL && inOutNtpServerLength == NULL)
    {
        return fail(EFAULT);
    }
    needed = host_result(host_time_sync_last(server, sizeof(server), &sync));
    if (needed < 0)
    {
        return -1;
    }
    if (outNtpServer != NULL)
    {
        size_t room = *inOutNtpServerLength;
        *inOutNtpServerLength = (size_t)needed;
        if (room < (size_t)needed)
        {
            return fail(ENOBUFS);
        }
        memcpy(outNtpServer, server, (size_t)needed);
    }
    utc_of(sync.before, outTimeBeforeSync);
    utc_of(sync.after, outNtpTime);
    return 0;
}
