#include <applibs/networking.h>

// The names of the SDK 19.05.
static int Legacy(void)
{
    Networking_StaticIpConfiguration ip;
    Networking_DhcpServerConfiguration dhcp;
    bool enabled = true;
    int failed;
    Networking_InitStaticIpConfiguration(&ip);
    failed = ip.ipAddress.s_addr != 0;
    ip.ipAddress.s_addr = htonl(0xc0a8640a); // 192.168.100.10
    ip.netMask.s_addr = htonl(0xffffff00);
    failed |= Networking_SetStaticIp("eth0", &ip) != 0 || Networking_SetStaticIp("eth0", NULL) != -1;
    Networking_InitDhcpServerConfiguration(&dhcp);
    failed |= Networking_StartDhcpServer("eth0", &dhcp) != -1; // it leases nothing
    dhcp.startIpAddress.s_addr = htonl(0xc0a8640b);
    dhcp.ipAddressCount = 1;
    dhcp.netMask = ip.netMask;
    dhcp.ntpServers[0] = ip.ipAddress;
    dhcp.leaseTimeHours = 24;
    failed |= Networking_StartDhcpServer("eth0", &dhcp) != 0 || Networking_StartSntpServer("eth0") != 0;
    failed |= Networking_SetNtpState(false) != 0 || Networking_GetNtpState(&enabled) != 0 || enabled;
    return failed;
}

int NetworkingNames(void)
{
    struct iphdr header = {.protocol = IPPROTO_UDP};
    return header.protocol != 17 || NETWORKING_STRUCTS_VERSION != 1 || Legacy();
}
