// Wi-Fi. The other side: src/app/host/wifi/.
#ifndef SPHERE_IOT_HOST_WIFI_H
#define SPHERE_IOT_HOST_WIFI_H

#include "host/core.h"

// Stored networks, by their ids, and the lists of host_wifi_network.
enum HOST_WIFI_LIST
{
    HOST_WIFI_STORED = 0,
    HOST_WIFI_SCANNED = 1,  // what the last scan found
    HOST_WIFI_CONNECTED = 2 // one entry, or none: HOST_ERROR_NO_DATA
};
enum HOST_WIFI_ATTRIBUTE
{
    HOST_WIFI_SSID = 0,
    HOST_WIFI_SECURITY = 1, // one byte: a WifiConfig_Security
    HOST_WIFI_KEY = 2,
    HOST_WIFI_ENABLED = 3,       // one byte: 0 or 1
    HOST_WIFI_TARGETED_SCAN = 4, // the same
    HOST_WIFI_NAME = 5,
    HOST_WIFI_IDENTITY = 6, // this and what follows belongs to EAP-TLS
    HOST_WIFI_CLIENT_CERTIFICATE = 7,
    HOST_WIFI_ROOT_CERTIFICATE = 8
};
typedef struct HOST_WIFI_NETWORK_TAG
{
    int id;             // of the stored network
    unsigned frequency; // MHz
    uint8_t ssid[32];
    uint8_t bssid[6];
    uint8_t ssid_length;
    uint8_t security;
    uint8_t enabled;
    uint8_t connected;
    int8_t rssi;
} HOST_WIFI_NETWORK;
// Why connecting to a stored network fails: of the numbers of WifiConfig_NetworkDiagnostics, those that there are here.
enum HOST_WIFI_FAILURE
{
    HOST_WIFI_FAILURE_NOT_FOUND = 2,
    HOST_WIFI_FAILURE_NO_KEY = 3,
    HOST_WIFI_FAILURE_WRONG_KEY = 4,
    HOST_WIFI_FAILURE_AUTHENTICATION = 5,
    HOST_WIFI_FAILURE_OTHER_SECURITY = 6
};
typedef struct HOST_WIFI_DIAGNOSTICS_TAG
{
    double time; // of the failure, as host_clock_now
    int error;   // HOST_WIFI_FAILURE_…
    uint8_t enabled;
    uint8_t connected;
} HOST_WIFI_DIAGNOSTICS;
// Stores a new network: its id, or HOST_ERROR_….
HOST_FUNCTION(wifi_add) extern int host_wifi_add(void);
// Stores a copy of one under another name: its id, or HOST_ERROR_….
HOST_FUNCTION(wifi_duplicate) extern int host_wifi_duplicate(int id, const char* name);
// Forgets one: 0, or HOST_ERROR_….
HOST_FUNCTION(wifi_forget) extern int host_wifi_forget(int id);
// Forgets all of them: 0, or HOST_ERROR_….
HOST_FUNCTION(wifi_forget_all) extern int host_wifi_forget_all(void);
// The id of the network with a name, or HOST_ERROR_….
HOST_FUNCTION(wifi_find) extern int host_wifi_find(const char* name);
// Sets an attribute of a network, HOST_WIFI_…. 0, or HOST_ERROR_….
HOST_FUNCTION(wifi_set) extern int host_wifi_set(int id, int attribute, const void* value, size_t size);
// Copies an attribute that is a text, with its NUL: 0, or HOST_ERROR_….
HOST_FUNCTION(wifi_get) extern int host_wifi_get(int id, int attribute, char* text, size_t size);
// Keeps the stored networks as they are now: 0, or HOST_ERROR_….
HOST_FUNCTION(wifi_persist) extern int host_wifi_persist(void);
// Goes back to those that were kept: 0, or HOST_ERROR_….
HOST_FUNCTION(wifi_reload) extern int host_wifi_reload(void);
// The count of networks that were found, or HOST_ERROR_….
HOST_FUNCTION(wifi_scan) extern int host_wifi_scan(void);
// How many a list has, HOST_WIFI_STORED and so on; or HOST_ERROR_….
HOST_FUNCTION(wifi_count) extern int host_wifi_count(int list);
// Fills in one of a list, by its number from 0: 0, or HOST_ERROR_….
HOST_FUNCTION(wifi_network) extern int host_wifi_network(int list, int index, HOST_WIFI_NETWORK* network);
// Why a network can not be connected to: 0, or HOST_ERROR_….
HOST_FUNCTION(wifi_diagnostics) extern int host_wifi_diagnostics(int id, HOST_WIFI_DIAGNOSTICS* diagnostics);

#endif
