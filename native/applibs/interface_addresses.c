// getifaddrs: the interfaces with their IPv4 addresses.
#include <arpa/inet.h>
#include <errno.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "host.h"

typedef struct ENTRY_TAG
{
    struct ifaddrs interface;
    struct sockaddr_in address;
    struct sockaddr_in mask;
    char name[IFNAMSIZ];
} ENTRY;

static int add(struct ifaddrs*** end, const char* name, unsigned flags, const uint32_t* address)
{
    ENTRY* entry = calloc(1, sizeof(ENTRY));
    if (entry == NULL)
    {
        errno = ENOMEM;
        return -1;
    }
    (void)strncpy(entry->name, name, sizeof(entry->name) - 1);
    entry->interface.ifa_name = entry->name;
    entry->interface.ifa_flags = flags;
    if (address != NULL)
    {
        entry->address.sin_family = AF_INET;
        entry->address.sin_addr.s_addr = address[0];
        entry->mask.sin_family = AF_INET;
        entry->mask.sin_addr.s_addr = address[1];
        entry->interface.ifa_addr = (struct sockaddr*)&entry->address;
        entry->interface.ifa_netmask = (struct sockaddr*)&entry->mask;
        entry->interface.ifa_flags |= IFF_RUNNING;
    }
    **end = &entry->interface;
    *end = &entry->interface.ifa_next;
    return 0;
}

int getifaddrs(struct ifaddrs** list)
{
    const uint32_t loopback[2] = {htonl(INADDR_LOOPBACK), htonl(0xff000000)};
    struct ifaddrs** end = list;
    int count = host_network_count();
    int result;
    *list = NULL;
    result = add(&end, "lo", IFF_UP | IFF_LOOPBACK, loopback);
    for (int i = 0; result == 0 && i < count; i++)
    {
        HOST_NETWORK_INTERFACE interface;
        uint32_t address[2];
        host_network_interface(i, &interface);
        unsigned flags = (interface.enabled ? IFF_UP : 0) | IFF_BROADCAST | IFF_MULTICAST;
        result = add(&end, interface.name, flags, host_network_ip(interface.name, address) == 0 ? address : NULL);
    }
    if (result != 0)
    {
        freeifaddrs(*list);
    }
    return result;
}

void freeifaddrs(struct ifaddrs* list)
{
    while (list != NULL)
    {
        struct ifaddrs* next = list->ifa_next;
        free(list);
        list = next;
    }
}
