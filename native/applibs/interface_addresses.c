// getifaddrs: the interfaces with their hardware and IPv4 addresses.
#include <arpa/inet.h>
#include <errno.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netpacket/packet.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "host.h"

#define HARDWARE_ADDRESS_LENGTH 6

typedef struct ENTRY_TAG
{
    struct ifaddrs interface;
    union
    {
        struct sockaddr general;
        struct sockaddr_in internet;
        struct sockaddr_ll hardware;
    } address;
    struct sockaddr_in mask;
    char name[IFNAMSIZ];
} ENTRY;

// Adds an entry, to be given its address; NULL with ENOMEM.
static ENTRY* add(struct ifaddrs*** end, const char* name, unsigned flags)
{
    ENTRY* entry = calloc(1, sizeof(ENTRY));
    if (entry == NULL)
    {
        errno = ENOMEM;
        return NULL;
    }
    (void)strncpy(entry->name, name, sizeof(entry->name) - 1);
    entry->interface.ifa_name = entry->name;
    entry->interface.ifa_flags = flags;
    entry->interface.ifa_addr = &entry->address.general;
    **end = &entry->interface;
    *end = &entry->interface.ifa_next;
    return entry;
}

static int add_hardware(struct ifaddrs*** end, const char* name, unsigned flags, int index)
{
    ENTRY* entry = add(end, name, flags);
    if (entry == NULL)
    {
        return -1;
    }
    entry->address.hardware.sll_family = AF_PACKET;
    entry->address.hardware.sll_ifindex = index;
    entry->address.hardware.sll_halen = HARDWARE_ADDRESS_LENGTH;
    if ((flags & IFF_LOOPBACK) == 0)
    {
        (void)host_network_get_address(name, entry->address.hardware.sll_addr);
    }
    return 0;
}

static int add_internet(struct ifaddrs*** end, const char* name, unsigned flags, const uint32_t address[2])
{
    ENTRY* entry = add(end, name, flags);
    if (entry == NULL)
    {
        return -1;
    }
    entry->address.internet.sin_family = AF_INET;
    entry->address.internet.sin_addr.s_addr = address[0];
    entry->mask.sin_family = AF_INET;
    entry->mask.sin_addr.s_addr = address[1];
    entry->interface.ifa_netmask = (struct sockaddr*)&entry->mask;
    return 0;
}

static int add_interface(struct ifaddrs*** end, int index)
{
    HOST_NETWORK_INTERFACE interface;
    uint32_t address[2];
    unsigned flags;
    bool has_address;
    host_network_interface(index, &interface);
    has_address = host_network_ip(interface.name, address) == 0;
    flags = (interface.enabled ? IFF_UP : 0u) | (has_address ? IFF_RUNNING : 0u) | IFF_BROADCAST | IFF_MULTICAST;
    if (add_hardware(end, interface.name, flags, index + 2) != 0)
    {
        return -1;
    }
    return has_address ? add_internet(end, interface.name, flags, address) : 0;
}

int getifaddrs(struct ifaddrs** list)
{
    const uint32_t loopback[2] = {htonl(INADDR_LOOPBACK), htonl(0xff000000)};
    const unsigned flags = IFF_UP | IFF_LOOPBACK | IFF_RUNNING;
    struct ifaddrs** end = list;
    int count = host_network_count();
    int result;
    *list = NULL;
    result = add_hardware(&end, "lo", flags, 1) == 0 ? add_internet(&end, "lo", flags, loopback) : -1;
    for (int i = 0; result == 0 && i < count; i++)
    {
        result = add_interface(&end, i);
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
