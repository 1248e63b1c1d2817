// The state of the network.
#ifndef APPLIBS_NETWORKING_H
#define APPLIBS_NETWORKING_H

#include <net/if.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#ifndef NETWORKING_STRUCTS_VERSION
#define NETWORKING_STRUCTS_VERSION 1
#endif

#ifdef __cplusplus
extern "C" {
#endif

// A bit mask of what a network interface has got to.
typedef uint32_t Networking_InterfaceConnectionStatus;
enum
{
    Networking_InterfaceConnectionStatus_InterfaceUp = 1 << 0,
    Networking_InterfaceConnectionStatus_ConnectedToNetwork = 1 << 1,
    Networking_InterfaceConnectionStatus_IpAvailable = 1 << 2,
    Networking_InterfaceConnectionStatus_ConnectedToInternet = 1 << 3
};

// Whether an interface is connected, has an address, and the time is in step. 0, or -1 with EFAULT.
int Networking_IsNetworkingReady(bool* outIsNetworkingReady);
// What an interface (wlan0, eth0) has got to. 0, or -1 with EFAULT, ENOENT (there is no such interface).
int Networking_GetInterfaceConnectionStatus(const char* networkInterfaceName,
                                            Networking_InterfaceConnectionStatus* outStatus);

#ifdef __cplusplus
}
#endif

#endif
