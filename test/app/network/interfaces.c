// The addresses of the interfaces, which the test prints.
#include <ifaddrs.h>
#include <net/if.h>
#include <netpacket/packet.h>

#include "network.h"

void Interfaces(void)
{
    struct ifaddrs* list = NULL;
    CHECK(getifaddrs(&list) == 0);
    for (const struct ifaddrs* next = list; next != NULL; next = next->ifa_next)
    {
        const char* state = (next->ifa_flags & IFF_RUNNING) != 0 ? "running" : (next->ifa_flags & IFF_UP) != 0 ? "up" : "down";
        if (next->ifa_addr->sa_family == AF_PACKET)
        {
            const struct sockaddr_ll* hardware = (struct sockaddr_ll*)next->ifa_addr;
            const unsigned char* a = hardware->sll_addr;
            CHECK(hardware->sll_halen == 6);
            Log_Debug("%s %02x:%02x:%02x:%02x:%02x:%02x %s\n", next->ifa_name, a[0], a[1], a[2], a[3], a[4], a[5], state);
            continue;
        }
        char address[INET_ADDRSTRLEN];
        char mask[INET_ADDRSTRLEN];
        CHECK(next->ifa_addr->sa_family == AF_INET);
        CHECK(inet_ntop(AF_INET, &((struct sockaddr_in*)next->ifa_addr)->sin_addr, address, sizeof(address)) != NULL);
        CHECK(inet_ntop(AF_INET, &((struct sockaddr_in*)next->ifa_netmask)->sin_addr, mask, sizeof(mask)) != NULL);
        Log_Debug("%s %s %s %s\n", next->ifa_name, address, mask, state);
    }
    freeifaddrs(list);
    freeifaddrs(NULL);
}
