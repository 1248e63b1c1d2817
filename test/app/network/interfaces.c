// The addresses of the interfaces, which the test prints.
#include <ifaddrs.h>
#include <net/if.h>

#include "network.h"

void Interfaces(void)
{
    struct ifaddrs* list = NULL;
    CHECK(getifaddrs(&list) == 0);
    for (const struct ifaddrs* next = list; next != NULL; next = next->ifa_next)
    {
        char address[INET_ADDRSTRLEN] = "none";
        char mask[INET_ADDRSTRLEN] = "none";
        if (next->ifa_addr != NULL)
        {
            CHECK(next->ifa_addr->sa_family == AF_INET);
            (void)inet_ntop(AF_INET, &((struct sockaddr_in*)next->ifa_addr)->sin_addr, address, sizeof(address));
            (void)inet_ntop(AF_INET, &((struct sockaddr_in*)next->ifa_netmask)->sin_addr, mask, sizeof(mask));
        }
        Log_Debug("%s %s %s%s%s\n", next->ifa_name, address, mask, (next->ifa_flags & IFF_UP) != 0 ? " up" : "",
                  (next->ifa_flags & IFF_RUNNING) != 0 ? " running" : "");
    }
    freeifaddrs(list);
    freeifaddrs(NULL);
}
