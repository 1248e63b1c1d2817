// getifaddrs: the loopback interface, and those of the device that are enabled, with their hardware addresses and the
// IPv4 addresses that they have.
#include <errno.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netpacket/packet.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "host.h"

#define HARDWARE_ADDRESS_LENGTH 6

typedef struct ENTRY_TAG
{
    struct ifaddrs public; // first: freeifaddrs gets it back
    char name[IF_NAMESIZE];
    struct sockaddr_in address;
    struct sockaddr_in mask;
    struct sockaddr_in broadcast;
    struct sockaddr_ll hardware;
} ENTRY;

static void set(struct sockaddr_in* address, uint32_t ip)
{
    address->sin_family = AF_INET;
    address->sin_addr.s_addr = ip;
}

// Puts an interface with one of its addresses at the end of the list: IPv4, or where that is NULL hardware. false: out of memory.
static bool add(struct ifaddrs** list, const char* name, unsigned flags, const HOST_INTERFACE_ADDRESS* ip)
{
    ENTRY* entry = calloc(1, sizeof(ENTRY));
    if (entry == NULL)
    {
        return false;
    }
    while (*list != NULL)
    {
        list = &(*list)->ifa_next;
    }
    *list = &entry->public;
    (void)strncpy(entry->name, name, sizeof(entry->name) - 1);
    entry->public.ifa_name = entry->name;
    entry->public.ifa_flags = flags;
    if (ip != NULL)
    {
        set(&entry->address, ip->address);
        set(&entry->mask, ip->mask);
        set(&entry->broadcast, ip->address | ~ip->mask);
        entry->public.ifa_addr = (struct sockaddr*)&entry->address;
        entry->public.ifa_netmask = (struct sockaddr*)&entry->mask;
        entry->public.ifa_broadaddr = (flags & IFF_BROADCAST) != 0 ? (struct sockaddr*)&entry->broadcast : NULL;
        return true;
    }
    entry->hardware.sll_family = AF_PACKET;
    entry->hardware.sll_halen = HARDWARE_ADDRESS_LENGTH;
    (void)host_network_get_address(name, entry->hardware.sll_addr); // the loopback interface has none: zeros
    entry->public.ifa_addr = (struct sockaddr*)&entry->hardware;
    return true;
}

static bool add_device(struct ifaddrs** list, int index)
{
    HOST_NETWORK_INTERFACE found;
    HOST_INTERFACE_ADDRESS ip;
    host_network_interface(index, &found);
    if (!found.enabled)
    {
        return true;
    }
    const bool has_ip = host_network_ip(index, &ip) == 0;
    const unsigned flags = IFF_UP | IFF_BROADCAST | IFF_MULTICAST | (has_ip ? IFF_RUNNING : 0);
    return add(list, found.name, flags, NULL) && (!has_ip || add(list, found.name, flags, &ip));
}

int getifaddrs(struct ifaddrs** interfaces)
{
    const HOST_INTERFACE_ADDRESS loopback = {htonl(INADDR_LOOPBACK), htonl(0xff000000)};
    const unsigned flags = IFF_UP | IFF_LOOPBACK | IFF_RUNNING;
    bool added;
    *interfaces = NULL;
    added = add(interfaces, "lo", flags, NULL) && add(interfaces, "lo", flags, &loopback);
    for (int i = 0; added && i < host_network_count(); i++)
    {
        added = add_device(interfaces, i);
    }
    if (added)
    {
        return 0;
    }
    freeifaddrs(*interfaces);
    *interfaces = NULL;
    errno = ENOMEM;
    return -1;
}

void freeifaddrs(struct ifaddrs* interfaces)
{
    while (interfaces != NULL)
    {
        struct ifaddrs* next = interfaces->ifa_next;
        free(interfaces);
        interfaces = next;
    }
}
