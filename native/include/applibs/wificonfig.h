// Wi-Fi networks: those that are stored, those that are in the air, and the one that the device is connected to. All of it takes
// the manifest's capability WifiConfig, what has to do with EAP-TLS takes EnterpriseWifiConfig: without it EACCES. While the
// interface wlan0 is disabled everything fails with ENETDOWN.
//
// A network id is not negative: EINVAL; it is that of a stored network: ENODEV. What is set holds at once, and is lost when the
// device restarts unless WifiConfig_PersistConfig keeps it.
#ifndef APPLIBS_WIFICONFIG_H
#define APPLIBS_WIFICONFIG_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <time.h>

#include <applibs/certstore_structs.h>

#ifndef WIFICONFIG_STRUCTS_VERSION
#define WIFICONFIG_STRUCTS_VERSION 1
#endif

#ifdef __cplusplus
extern "C" {
#endif

// Bytes at most; texts without their NUL.
#define WIFICONFIG_SSID_MAX_LENGTH 32
#define WIFICONFIG_WPA2_KEY_MAX_BUFFER_SIZE 64
#define WIFICONFIG_BSSID_BUFFER_SIZE 6
#define WIFICONFIG_CONFIG_NAME_MAX_LENGTH 16
#define WIFICONFIG_EAP_IDENTITY_MAX_LENGTH 254

typedef uint8_t WifiConfig_Security_Type;
typedef enum
{
    WifiConfig_Security_Unknown = 0,
    WifiConfig_Security_Open = 1,
    WifiConfig_Security_Wpa2_Psk = 2,
    WifiConfig_Security_Wpa2_EAP_TLS = 3
} WifiConfig_Security;

// A network in the air, as the last scan found it: one entry an access point.
typedef struct WifiConfig_ScannedNetwork
{
    uint32_t z__magicAndVersion;
    uint8_t ssid[WIFICONFIG_SSID_MAX_LENGTH]; // no text: ssidLength bytes, no NUL
    uint8_t bssid[WIFICONFIG_BSSID_BUFFER_SIZE];
    uint8_t ssidLength;
    WifiConfig_Security_Type security;
    uint32_t frequencyMHz;
    int8_t signalRssi; // dBm
} WifiConfig_ScannedNetwork;

typedef struct WifiConfig_StoredNetwork
{
    uint32_t z__magicAndVersion;
    uint8_t ssid[WIFICONFIG_SSID_MAX_LENGTH];
    uint8_t ssidLength;
    bool isEnabled;
    bool isConnected;
    WifiConfig_Security_Type security;
} WifiConfig_StoredNetwork;

// The access point that the device is connected to.
typedef struct WifiConfig_ConnectedNetwork
{
    uint32_t z__magicAndVersion;
    uint8_t ssid[WIFICONFIG_SSID_MAX_LENGTH];
    uint8_t bssid[WIFICONFIG_BSSID_BUFFER_SIZE];
    uint8_t ssidLength;
    WifiConfig_Security_Type security;
    uint32_t frequencyMHz;
    int8_t signalRssi;
} WifiConfig_ConnectedNetwork;

// Who the device is to the server of an EAP-TLS network; ends with NUL.
typedef struct WifiConfig_ClientIdentity
{
    char identity[WIFICONFIG_EAP_IDENTITY_MAX_LENGTH + 1];
} WifiConfig_ClientIdentity;

// Why connecting to a stored network failed last.
typedef struct WifiConfig_NetworkDiagnostics
{
    uint8_t isEnabled;
    uint8_t isConnected;
    // 1 failed, 2 not found, 3 no key stored, 4 wrong key, 5 authentication failed (EAP-TLS), 6 another security type,
    // 7 frequency not allowed, 8 no infrastructure network, 9 not supported, 10 neither WPA2 nor open.
    int32_t error;
    time_t timestamp; // of the failure, in s
    // The rest is of error 5. 0 unspecified, 1 untrusted, 2 revoked, 3 not yet valid, 4 expired, 5 other subject, 6 other alternative
    // name, 7 bad, 8 the server's chain failed, 9 other domain suffix, 10 other domain, 11 key too short.
    int32_t certError;
    int32_t certDepth; // in the chain; negative: not known
    CertStore_SubjectName certSubject;
} WifiConfig_NetworkDiagnostics;

// ---- stored networks

// A new network, disabled, with nothing set; its id, or -1 with EACCES, ENETDOWN, ENOMEM (there are 1,000).
int WifiConfig_AddNetwork(void);
// A disabled copy of a network with a name of its own; its id, or -1 with EACCES, ENETDOWN, EFAULT, ERANGE (name empty or too
// long), EINVAL, ENODEV, EEXIST (a network has the name), ENOMEM.
int WifiConfig_AddDuplicateNetwork(int networkId, const char* configName);
// 0, or -1 with EACCES, ENETDOWN, EINVAL, ENODEV.
int WifiConfig_ForgetNetworkById(int networkId);
// Forgets all, also across a restart. 0, or -1 with EACCES, ENETDOWN.
int WifiConfig_ForgetAllNetworks(void);
// How many are stored; -1 with EACCES, ENETDOWN.
ssize_t WifiConfig_GetStoredNetworkCount(void);
// Fills the array; how many there is room for, or -1 with EACCES, ENETDOWN, EFAULT, ERANGE (no room).
ssize_t WifiConfig_GetStoredNetworks(WifiConfig_StoredNetwork* storedNetworkArray, size_t storedNetworkArrayCount);
// The id of the network with a name, or -1 with EACCES, ENETDOWN, EFAULT, ERANGE (too long), ENODEV.
int WifiConfig_GetNetworkIdByConfigName(const char* configName);

// Each: 0, or -1 with EACCES, ENETDOWN, EINVAL, ENODEV; EFAULT for NULL; ERANGE for a length that is not allowed.
int WifiConfig_SetSSID(int networkId, const uint8_t* ssid, size_t ssidLength);
// EINVAL also for an unknown type. WPA2-EAP-TLS takes EnterpriseWifiConfig.
int WifiConfig_SetSecurityType(int networkId, WifiConfig_Security_Type securityType);
int WifiConfig_SetPSK(int networkId, const char* psk, size_t pskLength);
int WifiConfig_SetNetworkEnabled(int networkId, bool enabled);
// Whether to look for the network by its name: finds one that hides it.
int WifiConfig_SetTargetedScanEnabled(int networkId, bool enabled);
int WifiConfig_SetConfigName(int networkId, const char* configName);
int WifiConfig_SetClientIdentity(int networkId, const char* identity);
int WifiConfig_GetClientIdentity(int networkId, WifiConfig_ClientIdentity* outIdentity);
int WifiConfig_SetClientCertStoreIdentifier(int networkId, const char* certStoreIdentifier);
int WifiConfig_GetClientCertStoreIdentifier(int networkId, CertStore_Identifier* outIdentifier);
int WifiConfig_SetRootCACertStoreIdentifier(int networkId, const char* certStoreIdentifier);
int WifiConfig_GetRootCACertStoreIdentifier(int networkId, CertStore_Identifier* outIdentifier);

// Keeps what is set across restarts. 0, or -1 with EACCES, ENETDOWN, ENOSPC (too many networks), EINVAL (one has no SSID).
int WifiConfig_PersistConfig(void);
// Goes back to what was kept; the ids may be others then. 0, or -1 with EACCES, ENETDOWN.
int WifiConfig_ReloadConfig(void);

// ---- what the device is connected to

// 0, or -1 with EACCES, ENETDOWN, EFAULT, ENODATA (connected to none).
int WifiConfig_GetCurrentNetwork(WifiConfig_ConnectedNetwork* connectedNetwork);
// The id of the connected network, or -1 with EACCES, ENETDOWN, ENOTCONN.
int WifiConfig_GetConnectedNetworkId(void);
// 0, or -1 with EACCES, ENETDOWN, EFAULT, EINVAL, ENODEV (no such network, or connecting to it has not failed).
int WifiConfig_GetNetworkDiagnostics(int networkId, WifiConfig_NetworkDiagnostics* networkDiagnostics);

// ---- what is in the air

// Scans; how many access points were found, or -1 with EACCES, ENETDOWN.
ssize_t WifiConfig_TriggerScanAndGetScannedNetworkCount(void);
// Fills the array from the last scan; how many there is room for, or -1 with EACCES, ENETDOWN, EFAULT, ERANGE (no room).
ssize_t WifiConfig_GetScannedNetworks(WifiConfig_ScannedNetwork* scannedNetworkArray, size_t scannedNetworkArrayCount);

// ---- deprecated: these keep at once

// 0, or -1 with EACCES, ENETDOWN, EFAULT, ERANGE, EEXIST (an open network with this SSID is stored), ENOSPC.
int WifiConfig_StoreOpenNetwork(const uint8_t* ssid, size_t ssidLength);
// The same of a network with a key.
int WifiConfig_StoreWpa2Network(const uint8_t* ssid, size_t ssidLength, const char* psk, size_t pskLength);
// 0, or -1 with EACCES, ENETDOWN, EFAULT, EINVAL (not from WifiConfig_GetStoredNetworks), ENOENT (not stored any more).
int WifiConfig_ForgetNetwork(const WifiConfig_StoredNetwork* storedNetwork);

#ifdef __cplusplus
}
#endif

#endif
