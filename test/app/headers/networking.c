#include <applibs/networking.h>

int NetworkingNames(void)
{
    struct iphdr header = {.protocol = IPPROTO_UDP};
    return header.protocol != 17 || NETWORKING_STRUCTS_VERSION != 1;
}
