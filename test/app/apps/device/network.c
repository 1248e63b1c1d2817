#include <applibs/networking.h>
#include <applibs/wificonfig.h>
#include <arpa/inet.h>
#include <stdlib.h>
#include <unistd.h>

#include "../check.h"

#define UP Networking_InterfaceConnectionStatus_InterfaceUp
#define CONNECTED (UP | Networking_InterfaceConnectionStatus_ConnectedToNetwork)
#define PRIVATE (CONNECTED | Networking_InterfaceConnectionStatus_IpAvailable)
#define ONLINE (PRIVATE | Networking_InterfaceConnectionStatus_ConnectedToInternet)

static struct in_addr Address(const char* text)
{
    return (struct in_addr){.s_addr = inet_addr(text)};
}

static bool Ready(void)
{
    bool ready = false;
    CHECK(Networking_IsNetworkingReady(&ready) == 0);
    return ready;
}

static unsigned Status(const char* name)
{
    Networking_InterfaceConnectionStatus status = 99;
    CHECK(Networking_GetInterfaceConnectionStatus(name, &status) == 0);
    return status;
}

static void HardwareAddress(void)
{
    Networking_Interface_HardwareAddress address;
    const uint8_t ours[] = {0xa2, 0x10, 0, 0, 0xff, 1};
    CHECK(Networking_SetHardwareAddress("eth0", ours, 6) == 0);
    CHECK(Networking_GetHardwareAddress("eth0", &address) == 0 && memcmp(address.address, ours, 6) == 0);
    CHECK(Networking_GetHardwareAddress("wlan0", &address) == 0 && address.address[0] == 2);
    CHECK_ERROR(Networking_SetHardwareAddress("wlan0", ours, 6), EPERM);
    CHECK_ERROR(Networking_SetHardwareAddress("eth1", ours, 6), ENOENT);
    CHECK_ERROR(Networking_SetHardwareAddress("eth0", ours, 7), ERANGE);
    CHECK_ERROR(Networking_SetHardwareAddress("eth0", (const uint8_t[6]){0}, 6), EINVAL);
    CHECK_ERROR(Networking_SetHardwareAddress("eth0", (const uint8_t[6]){1}, 6), EINVAL);
    CHECK_ERROR(Networking_SetHardwareAddress("eth0", NULL, 6), EFAULT);
    CHECK_ERROR(Networking_GetHardwareAddress("eth1", &address), ENOENT);
    CHECK_ERROR(Networking_GetHardwareAddress("eth0", NULL), EINVAL);
}

void Interfaces(void)
{
    Networking_NetworkInterface found[3];
    Networking_InterfaceConnectionStatus status;
    WifiConfig_ConnectedNetwork network;
    Networking_IpConfig config;
    CHECK(Networking_GetInterfaceCount() == 2 && Networking_GetInterfaces(found, 3) == 2);
    CHECK(strcmp(found[0].interfaceName, "wlan0") == 0 && found[0].interfaceMediumType == Networking_InterfaceMedium_Wifi);
    CHECK(strcmp(found[1].interfaceName, "eth0") == 0 && found[1].interfaceMediumType == Networking_InterfaceMedium_Ethernet);
    CHECK(found[0].isEnabled && found[0].ipConfigurationType == Networking_IpType_DhcpClient);
    CHECK(Networking_GetInterfaces(found, 1) == 1);
    CHECK_ERROR(Networking_GetInterfaces(NULL, 1), EFAULT);
    CHECK_ERROR(Networking_GetInterfaces(found, 0), ERANGE);
    CHECK_ERROR(Networking_IsNetworkingReady(NULL), EFAULT);
    CHECK_ERROR(Networking_GetInterfaceConnectionStatus("eth1", &status), ENOENT);
    CHECK_ERROR(Networking_GetInterfaceConnectionStatus("eth0", NULL), EFAULT);

    CHECK(Status("wlan0") == ONLINE && Status("eth0") == UP && Ready());
    CHECK(Networking_SetInterfaceState("wlan0", false) == 0 && Status("wlan0") == 0 && !Ready());
    CHECK_ERROR(WifiConfig_GetCurrentNetwork(&network), ENETDOWN);
    CHECK_ERROR(Networking_SetInterfaceState("eth1", true), ENOENT);
    CHECK_ERROR(Networking_SetInterfaceState(NULL, true), EFAULT);
    Ask("a cable");
    CHECK(Status("eth0") == ONLINE && Ready());
    CHECK(Networking_SetInterfaceState("wlan0", true) == 0 && Status("wlan0") == ONLINE);
    CHECK(WifiConfig_GetCurrentNetwork(&network) == 0);

    CHECK(Networking_IpConfig_ReleaseIp("eth0") == 0 && Status("eth0") == CONNECTED);
    CHECK(Networking_IpConfig_RenewIp("eth0") == 0 && Status("eth0") == ONLINE);
    CHECK_ERROR(Networking_IpConfig_ReleaseIp("eth1"), ENOENT);
    CHECK_ERROR(Networking_IpConfig_RenewIp(NULL), EFAULT);
    Networking_IpConfig_Init(&config);
    Networking_IpConfig_EnableStaticIp(&config, Address("192.168.100.10"), Address("255.255.255.0"), Address("0.0.0.0"));
    CHECK(Networking_IpConfig_Apply("eth0", &config) == 0 && Status("eth0") == PRIVATE && Ready());
    CHECK(Networking_SetInterfaceState("wlan0", false) == 0 && !Ready() && Networking_SetInterfaceState("wlan0", true) == 0);
    Networking_IpConfig_EnableStaticIp(&config, Address("192.168.100.10"), Address("255.255.255.0"), Address("192.168.100.1"));
    CHECK(Networking_IpConfig_EnableCustomDns(&config, (const struct in_addr[]){Address("9.9.9.9"), Address("1.1.1.1")}, 2) == 0);
    CHECK_ERROR(Networking_IpConfig_EnableCustomDns(&config, (const struct in_addr[4]){{1}, {1}, {1}, {1}}, 4), EINVAL);
    CHECK_ERROR(Networking_IpConfig_EnableCustomDns(&config, (const struct in_addr[1]){{INADDR_ANY}}, 1), EINVAL);
    CHECK_ERROR(Networking_IpConfig_EnableCustomDns(&config, NULL, 1), EFAULT);
    CHECK_ERROR(Networking_IpConfig_EnableCustomDns(NULL, (const struct in_addr[1]){{1}}, 1), EFAULT);
    CHECK_ERROR(Networking_IpConfig_Apply("eth1", &config), ENOENT);
    CHECK_ERROR(Networking_IpConfig_Apply("eth0", NULL), EFAULT);
    CHECK(Networking_IpConfig_Apply("eth0", &config) == 0);
    CHECK(Status("eth0") == ONLINE && Networking_GetInterfaces(found, 3) == 2 && found[1].ipConfigurationType == Networking_IpType_DhcpNone);
    CHECK_ERROR(Networking_IpConfig_ReleaseIp("eth0"), EPERM);
    CHECK_ERROR(Networking_IpConfig_RenewIp("eth0"), EPERM);
    Networking_IpConfig_EnableDynamicIp(&config);
    Networking_IpConfig_EnableAutomaticDns(&config);
    CHECK(Networking_IpConfig_Apply("wlan0", &config) == 0 && Status("wlan0") == ONLINE);
    Networking_IpConfig_Destroy(&config);
    HardwareAddress();
}

static int Lease(Networking_DhcpServerConfig* config, const char* start, uint8_t count, const char* mask, const char* gateway)
{
    return Networking_DhcpServerConfig_SetLease(config, Address(start), count, Address(mask), Address(gateway), 24);
}

void Services(void)
{
    Networking_IpConfig ip;
    Networking_DhcpServerConfig dhcp;
    Networking_SntpServerConfig sntp;
    const struct in_addr servers[4] = {Address("192.168.100.10"), Address("1.1.1.1"), Address("2.2.2.2"), Address("3.3.3.3")};
    Networking_DhcpServerConfig_Init(&dhcp);
    CHECK_ERROR(Networking_DhcpServer_Start("eth0", &dhcp), EPERM); // no static address
    Networking_IpConfig_Init(&ip);
    Networking_IpConfig_EnableStaticIp(&ip, Address("192.168.100.10"), Address("255.255.255.0"), Address("0.0.0.0"));
    CHECK(Networking_IpConfig_Apply("eth0", &ip) == 0);
    CHECK_ERROR(Networking_DhcpServer_Start("eth0", &dhcp), EINVAL); // no lease
    CHECK_ERROR(Lease(&dhcp, "192.168.100.11", 0, "255.255.255.0", "0.0.0.0"), EINVAL);
    CHECK_ERROR(Lease(&dhcp, "192.168.100.11", 5, "255.0.255.0", "0.0.0.0"), EINVAL);
    CHECK_ERROR(Lease(&dhcp, "192.168.100.11", 5, "0.0.0.0", "0.0.0.0"), EINVAL);
    CHECK_ERROR(Lease(&dhcp, "192.168.100.254", 2, "255.255.255.0", "0.0.0.0"), EINVAL); // up to the broadcast address
    CHECK_ERROR(Lease(&dhcp, "192.168.100.0", 2, "255.255.255.0", "0.0.0.0"), EINVAL);
    CHECK_ERROR(Lease(&dhcp, "192.168.100.11", 5, "255.255.255.0", "192.168.100.15"), EINVAL);
    CHECK_ERROR(Lease(&dhcp, "192.168.100.11", 5, "255.255.255.0", "192.168.101.1"), EINVAL);
    CHECK_ERROR(Lease(NULL, "192.168.100.11", 5, "255.255.255.0", "0.0.0.0"), EFAULT);
    CHECK_ERROR(Networking_DhcpServerConfig_SetLease(&dhcp, servers[0], 1, Address("255.255.255.0"), servers[0], 0), EINVAL);
    CHECK(Lease(&dhcp, "192.168.100.253", 2, "255.255.255.0", "192.168.100.1") == 0);
    CHECK(Lease(&dhcp, "192.168.100.11", 5, "255.255.255.0", "192.168.100.10") == 0);
    CHECK(Networking_DhcpServerConfig_SetNtpServerAddresses(&dhcp, servers, 1) == 0);
    CHECK_ERROR(Networking_DhcpServerConfig_SetNtpServerAddresses(&dhcp, servers, 4), EINVAL);
    CHECK_ERROR(Networking_DhcpServerConfig_SetNtpServerAddresses(&dhcp, NULL, 1), EFAULT);
    CHECK_ERROR(Networking_DhcpServerConfig_SetNtpServerAddresses(NULL, servers, 1), EFAULT);
    CHECK_ERROR(Networking_DhcpServer_Start("eth1", &dhcp), ENOENT);
    CHECK_ERROR(Networking_DhcpServer_Start(NULL, &dhcp), EFAULT);
    CHECK(Networking_DhcpServer_Start("eth0", &dhcp) == 0);
    Networking_DhcpServerConfig_Destroy(&dhcp);

    Networking_SntpServerConfig_Init(&sntp);
    CHECK_ERROR(Networking_SntpServer_Start("eth1", &sntp), ENOENT);
    CHECK_ERROR(Networking_SntpServer_Start("eth0", NULL), EFAULT);
    CHECK(Networking_SntpServer_Start("eth0", &sntp) == 0 && Networking_SntpServer_Start("eth0", &sntp) == 0);
    Networking_SntpServerConfig_Destroy(&sntp);
}

// The network is not there until the test says so.
void TimeSync(void)
{
    bool enabled = false;
    char server[64];
    char longName[300];
    size_t length = sizeof(server);
    struct tm before;
    struct tm after;
    memset(longName, 'x', sizeof(longName) - 1);
    longName[sizeof(longName) - 1] = '\0';
    CHECK(Networking_TimeSync_GetEnabled(&enabled) == 0 && enabled);
    CHECK_ERROR(Networking_TimeSync_GetEnabled(NULL), EFAULT);
    CHECK_ERROR(Networking_TimeSync_GetLastNtpSyncInfo(server, &length, NULL, NULL), ENOENT);
    Ask("the network");
    CHECK(Networking_TimeSync_GetLastNtpSyncInfo(server, &length, &before, &after) == 0);
    CHECK(strcmp(server, "prod.time.sphere.azure.net") == 0 && length == strlen(server) + 1);
    CHECK(after.tm_year == 124 && after.tm_mon == 5 && after.tm_mday == 1 && before.tm_year == 124);
    length = 5;
    CHECK_ERROR(Networking_TimeSync_GetLastNtpSyncInfo(server, &length, NULL, NULL), ENOBUFS);
    CHECK(length == strlen("prod.time.sphere.azure.net") + 1);
    CHECK_ERROR(Networking_TimeSync_GetLastNtpSyncInfo(server, NULL, NULL, NULL), EFAULT);
    CHECK(Networking_TimeSync_GetLastNtpSyncInfo(NULL, NULL, NULL, &after) == 0);

    CHECK(Networking_TimeSync_EnableCustomNtp("time.contoso.com", "10.0.0.1", Networking_NtpOption_FallbackServerEnabled) == 0);
    length = sizeof(server);
    CHECK(Networking_TimeSync_GetLastNtpSyncInfo(server, &length, NULL, NULL) == 0 && strcmp(server, "time.contoso.com") == 0);
    CHECK_ERROR(Networking_TimeSync_EnableCustomNtp(NULL, "10.0.0.1", Networking_NtpOption_FallbackServerEnabled), EFAULT);
    CHECK_ERROR(Networking_TimeSync_EnableCustomNtp(longName, NULL, Networking_NtpOption_FallbackServerEnabled), ERANGE);
    CHECK_ERROR(Networking_TimeSync_EnableCustomNtp("a", longName, Networking_NtpOption_FallbackServerEnabled), ERANGE);
    CHECK_ERROR(Networking_TimeSync_EnableCustomNtp("", NULL, Networking_NtpOption_FallbackServerEnabled), EINVAL);
    CHECK_ERROR(Networking_TimeSync_EnableCustomNtp("a", NULL, 2), EINVAL);
    CHECK_ERROR(Networking_TimeSync_EnableAutomaticNtp(2), EINVAL);
    CHECK(Networking_TimeSync_EnableAutomaticNtp(Networking_NtpOption_FallbackServerDisabled) == 0);
    CHECK(Networking_TimeSync_EnableDefaultNtp() == 0);
    CHECK(Networking_TimeSync_EnableCustomNtp("time.contoso.com", NULL, Networking_NtpOption_FallbackServerDisabled) == 0);
    CHECK(Networking_TimeSync_SetEnabled(false) == 0 && Networking_TimeSync_GetEnabled(&enabled) == 0 && !enabled);
}

void Proxy(void)
{
    char text[300];
    uint16_t port = 0;
    Networking_ProxyOptions options = 0;
    Networking_ProxyStatus status = 99;
    Networking_ProxyConfig* config = Networking_Proxy_Create();
    memset(text, 'x', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    CHECK(config != NULL && Networking_Proxy_GetProxyStatus(&status) == 0 && status == 0);
    CHECK_ERROR(Networking_Proxy_Get(config), ENOENT);
    CHECK_ERROR(Networking_Proxy_Get(NULL), EFAULT);
    CHECK_ERROR(Networking_Proxy_Apply(NULL), EFAULT);
    CHECK_ERROR(Networking_Proxy_SetProxyAddress(config, text, 1), ERANGE);
    CHECK_ERROR(Networking_Proxy_SetProxyAddress(config, NULL, 1), EFAULT);
    CHECK_ERROR(Networking_Proxy_SetProxyAddress(NULL, "a", 1), EFAULT);
    CHECK_ERROR(Networking_Proxy_SetProxyNoProxyAddresses(config, text), ERANGE);
    text[64] = '\0';
    CHECK_ERROR(Networking_Proxy_SetBasicAuthentication(config, text, "word"), ERANGE);
    CHECK_ERROR(Networking_Proxy_SetBasicAuthentication(config, "me", text), ERANGE);
    CHECK_ERROR(Networking_Proxy_SetBasicAuthentication(config, "me", NULL), EFAULT);
    CHECK_ERROR(Networking_Proxy_SetAnonymousAuthentication(NULL), EFAULT);
    CHECK_ERROR(Networking_Proxy_SetProxyOptions(NULL, 0), EFAULT);
    CHECK_ERROR(Networking_Proxy_GetProxyOptions(config, NULL), EFAULT);
    CHECK_ERROR(Networking_Proxy_GetProxyPort(config, NULL), EFAULT);
    CHECK_ERROR(Networking_Proxy_GetProxyStatus(NULL), EFAULT);
    CHECK_ERROR(Networking_Proxy_GetProxyType(NULL), EFAULT);
    CHECK_ERROR(Networking_Proxy_GetAuthType(NULL), EFAULT);
    errno = 0;
    CHECK(Networking_Proxy_GetProxyAddress(NULL) == NULL && errno == EFAULT);

    CHECK(Networking_Proxy_SetProxyAddress(config, "proxy.contoso.com", 3128) == 0);
    CHECK(Networking_Proxy_SetBasicAuthentication(config, "me", "word") == 0);
    CHECK(Networking_Proxy_SetProxyNoProxyAddresses(config, "localhost,10.0.0.1") == 0);
    CHECK(Networking_Proxy_Apply(config) == 0);
    Networking_Proxy_Destroy(config);
    Networking_Proxy_Destroy(NULL);

    config = Networking_Proxy_Create();
    CHECK(Networking_Proxy_GetProxyStatus(&status) == 0);
    CHECK(status == (Networking_ProxyStatus_Enabled | Networking_ProxyStatus_Ready));
    CHECK(Networking_Proxy_Get(config) == 0 && Networking_Proxy_GetProxyType(config) == Networking_ProxyType_HTTP);
    CHECK(strcmp(Networking_Proxy_GetProxyAddress(config), "proxy.contoso.com") == 0);
    CHECK(strcmp(Networking_Proxy_GetProxyUsername(config), "me") == 0);
    CHECK(strcmp(Networking_Proxy_GetProxyPassword(config), "word") == 0);
    CHECK(strcmp(Networking_Proxy_GetNoProxyAddresses(config), "localhost,10.0.0.1") == 0);
    CHECK(Networking_Proxy_GetAuthType(config) == Networking_ProxyAuthType_Basic);
    CHECK(Networking_Proxy_GetProxyPort(config, &port) == 0 && port == 3128);
    CHECK(Networking_Proxy_GetProxyOptions(config, &options) == 0 && options == Networking_ProxyOptions_Enabled);
    Networking_Proxy_Destroy(config);
}

// With ReadNetworkProxyConfig alone.
void ProxyRead(void)
{
    Networking_ProxyConfig* config = Networking_Proxy_Create();
    CHECK_ERROR(Networking_Proxy_Get(config), ENOENT);
    CHECK_ERROR(Networking_Proxy_Apply(config), EACCES);
    Networking_Proxy_Destroy(config);
}

// Without the capabilities.
void NetworkRefused(void)
{
    bool enabled;
    size_t length = 0;
    Networking_IpConfig ip;
    Networking_DhcpServerConfig dhcp;
    Networking_SntpServerConfig sntp;
    Networking_ProxyConfig* proxy = Networking_Proxy_Create();
    Networking_IpConfig_Init(&ip);
    Networking_DhcpServerConfig_Init(&dhcp);
    Networking_SntpServerConfig_Init(&sntp);
    CHECK(Networking_GetInterfaceCount() == 2 && Ready());
    CHECK(Networking_TimeSync_GetLastNtpSyncInfo(NULL, &length, NULL, NULL) == 0);
    CHECK_ERROR(Networking_SetInterfaceState("wlan0", false), EACCES);
    CHECK_ERROR(Networking_IpConfig_Apply("wlan0", &ip), EACCES);
    CHECK_ERROR(Networking_IpConfig_ReleaseIp("wlan0"), EACCES);
    CHECK_ERROR(Networking_IpConfig_RenewIp("wlan0"), EACCES);
    CHECK_ERROR(Networking_SetHardwareAddress("eth0", (const uint8_t[6]){2}, 6), EACCES);
    CHECK_ERROR(Networking_DhcpServer_Start("eth0", &dhcp), EACCES);
    CHECK_ERROR(Networking_SntpServer_Start("eth0", &sntp), EACCES);
    CHECK_ERROR(Networking_TimeSync_SetEnabled(false), EACCES);
    CHECK(Networking_TimeSync_GetEnabled(&enabled) == 0 && enabled);
    CHECK_ERROR(Networking_TimeSync_EnableDefaultNtp(), EACCES);
    CHECK_ERROR(Networking_TimeSync_EnableAutomaticNtp(0), EACCES);
    CHECK_ERROR(Networking_TimeSync_EnableCustomNtp("time", NULL, 0), EACCES);
    CHECK_ERROR(Networking_Proxy_Apply(proxy), EACCES);
    CHECK_ERROR(Networking_Proxy_Get(proxy), EACCES);
    Networking_Proxy_Destroy(proxy);
}
