// applibs/wificonfig.h: arguments are checked here; the networks are the host's (src/app/host/wifi/index.ts).
#include <applibs/wificonfig.h>

#include <errno.h>
#include <string.h>

#include "fail.h"
#include "host.h"
#include "host_error.h"

// In the first field of a structure that was filled here.
#define STORED_MAGIC (0xb22e0000u | WIFICONFIG_STRUCTS_VERSION)
#define SCANNED_MAGIC (0x7eb10000u | WIFICONFIG_STRUCTS_VERSION)
#define CONNECTED_MAGIC (0x09ef0000u | WIFICONFIG_STRUCTS_VERSION)

static bool is_short(const char* text, size_t limit)
{
    return strnlen(text, limit + 1) <= limit;
}

// ---- stored networks

// What the device has no room for is in its memory until it is kept.
static int added(int id)
{
    return id == HOST_ERROR_NO_SPACE ? fail(ENOMEM) : host_result(id);
}

int WifiConfig_AddNetwork(void)
{
    return added(host_wifi_add());
}

int WifiConfig_AddDuplicateNetwork(int networkId, const char* configName)
{
    if (configName == NULL)
    {
        return fail(EFAULT);
    }
    if (configName[0] == '\0' || !is_short(configName, WIFICONFIG_CONFIG_NAME_MAX_LENGTH))
    {
        return fail(ERANGE);
    }
    return added(host_wifi_duplicate(networkId, configName));
}

int WifiConfig_ForgetNetworkById(int networkId)
{
    return host_result(host_wifi_forget(networkId));
}

int WifiConfig_ForgetAllNetworks(void)
{
    return host_result(host_wifi_forget_all());
}

ssize_t WifiConfig_GetStoredNetworkCount(void)
{
    return host_result(host_wifi_count(HOST_WIFI_STORED));
}

// How many networks of a list an array takes; -1 with errno.
static ssize_t room_for(int list, const void* array, size_t capacity)
{
    int count;
    if (array == NULL || capacity == 0)
    {
        return fail(array == NULL ? EFAULT : ERANGE);
    }
    count = host_result(host_wifi_count(list));
    return count >= 0 && (size_t)count > capacity ? (ssize_t)capacity : count;
}

ssize_t WifiConfig_GetStoredNetworks(WifiConfig_StoredNetwork* storedNetworkArray, size_t storedNetworkArrayCount)
{
    ssize_t count = room_for(HOST_WIFI_STORED, storedNetworkArray, storedNetworkArrayCount);
    for (int i = 0; i < count; i++)
    {
        WifiConfig_StoredNetwork* stored = &storedNetworkArray[i];
        HOST_WIFI_NETWORK network;
        (void)host_wifi_network(HOST_WIFI_STORED, i, &network);
        *stored = (WifiConfig_StoredNetwork){.z__magicAndVersion = STORED_MAGIC,
                                             .ssidLength = network.ssid_length,
                                             .isEnabled = network.enabled != 0,
                                             .isConnected = network.connected != 0,
                                             .security = network.security};
        memcpy(stored->ssid, network.ssid, sizeof(stored->ssid));
    }
    return count;
}

int WifiConfig_GetNetworkIdByConfigName(const char* configName)
{
    if (configName == NULL)
    {
        return fail(EFAULT);
    }
    return is_short(configName, WIFICONFIG_CONFIG_NAME_MAX_LENGTH) ? host_result(host_wifi_find(configName)) : fail(ERANGE);
}

int WifiConfig_SetSSID(int networkId, const uint8_t* ssid, size_t ssidLength)
{
    if (ssid == NULL)
    {
        return fail(EFAULT);
    }
    if (ssidLength == 0 || ssidLength > WIFICONFIG_SSID_MAX_LENGTH)
    {
        return fail(ERANGE);
    }
    return host_result(host_wifi_set(networkId, HOST_WIFI_SSID, ssid, ssidLength));
}

int WifiConfig_SetSecurityType(int networkId, WifiConfig_Security_Type securityType)
{
    if (securityType < WifiConfig_Security_Open || securityType > WifiConfig_Security_Wpa2_EAP_TLS)
    {
        return fail(EINVAL);
    }
    return host_result(host_wifi_set(networkId, HOST_WIFI_SECURITY, &securityType, sizeof(securityType)));
}

int WifiConfig_SetPSK(int networkId, const char* psk, size_t pskLength)
{
    if (psk == NULL)
    {
        return fail(EFAULT);
    }
    if (pskLength > WIFICONFIG_WPA2_KEY_MAX_BUFFER_SIZE)
    {
        return fail(ERANGE);
    }
    return host_result(host_wifi_set(networkId, HOST_WIFI_KEY, psk, pskLength));
}

static int set_flag(int id, int attribute, bool value)
{
    const uint8_t flag = value ? 1 : 0;
    return host_result(host_wifi_set(id, attribute, &flag, sizeof(flag)));
}

int WifiConfig_SetNetworkEnabled(int networkId, bool enabled)
{
    return set_flag(networkId, HOST_WIFI_ENABLED, enabled);
}

int WifiConfig_SetTargetedScanEnabled(int networkId, bool enabled)
{
    return set_flag(networkId, HOST_WIFI_TARGETED_SCAN, enabled);
}

static int set_text(int id, int attribute, const char* text, size_t limit)
{
    if (text == NULL)
    {
        return fail(EFAULT);
    }
    return is_short(text, limit) ? host_result(host_wifi_set(id, attribute, text, strlen(text))) : fail(ERANGE);
}

static int get_text(int id, int attribute, char* text, size_t size)
{
    return text == NULL ? fail(EFAULT) : host_result(host_wifi_get(id, attribute, text, size));
}

int WifiConfig_SetConfigName(int networkId, const char* configName)
{
    return set_text(networkId, HOST_WIFI_NAME, configName, WIFICONFIG_CONFIG_NAME_MAX_LENGTH);
}

int WifiConfig_SetClientIdentity(int networkId, const char* identity)
{
    return set_text(networkId, HOST_WIFI_IDENTITY, identity, WIFICONFIG_EAP_IDENTITY_MAX_LENGTH);
}

int WifiConfig_GetClientIdentity(int networkId, WifiConfig_ClientIdentity* outIdentity)
{
    return get_text(networkId, HOST_WIFI_IDENTITY, (char*)outIdentity, sizeof(*outIdentity));
}

int WifiConfig_SetClientCertStoreIdentifier(int networkId, const char* certStoreIdentifier)
{
    return set_text(networkId, HOST_WIFI_CLIENT_CERTIFICATE, certStoreIdentifier, CERTSTORE_MAX_IDENTIFIER_LENGTH);
}

int WifiConfig_GetClientCertStoreIdentifier(int networkId, CertStore_Identifier* outIdentifier)
{
    return get_text(networkId, HOST_WIFI_CLIENT_CERTIFICATE, (char*)outIdentifier, sizeof(*outIdentifier));
}

int WifiConfig_SetRootCACertStoreIdentifier(int networkId, const char* certStoreIdentifier)
{
    return set_text(networkId, HOST_WIFI_ROOT_CERTIFICATE, certStoreIdentifier, CERTSTORE_MAX_IDENTIFIER_LENGTH);
}

int WifiConfig_GetRootCACertStoreIdentifier(int networkId, CertStore_Identifier* outIdentifier)
{
    return get_text(networkId, HOST_WIFI_ROOT_CERTIFICATE, (char*)outIdentifier, sizeof(*outIdentifier));
}

int WifiConfig_PersistConfig(void)
{
    return host_result(host_wifi_persist());
}

int WifiConfig_ReloadConfig(void)
{
    return host_result(host_wifi_reload());
}

// ---- what the device is connected to

int WifiConfig_GetCurrentNetwork(WifiConfig_ConnectedNetwork* connectedNetwork)
{
    HOST_WIFI_NETWORK network;
    if (connectedNetwork == NULL)
    {
        return fail(EFAULT);
    }
    if (host_result(host_wifi_network(HOST_WIFI_CONNECTED, 0, &network)) < 0)
    {
        return -1;
    }
    *connectedNetwork = (WifiConfig_ConnectedNetwork){.z__magicAndVersion = CONNECTED_MAGIC,
                                                      .ssidLength = network.ssid_length,
                                                      .security = network.security,
                                                      .frequencyMHz = network.frequency,
                                                      .signalRssi = network.rssi};
    memcpy(connectedNetwork->ssid, network.ssid, sizeof(connectedNetwork->ssid));
    memcpy(connectedNetwork->bssid, network.bssid, sizeof(connectedNetwork->bssid));
    return 0;
}

int WifiConfig_GetConnectedNetworkId(void)
{
    HOST_WIFI_NETWORK network;
    if (host_result(host_wifi_network(HOST_WIFI_CONNECTED, 0, &network)) < 0)
    {
        return fail(errno == ENODATA ? ENOTCONN : errno);
    }
    return network.id;
}

int WifiConfig_GetNetworkDiagnostics(int networkId, WifiConfig_NetworkDiagnostics* networkDiagnostics)
{
    HOST_WIFI_DIAGNOSTICS found;
    if (networkDiagnostics == NULL)
    {
        return fail(EFAULT);
    }
    if (host_result(host_wifi_diagnostics(networkId, &found)) < 0)
    {
        return -1;
    }
    *networkDiagnostics = (WifiConfig_NetworkDiagnostics){.isEnabled = found.enabled,
                                                          .isConnected = found.connected,
                                                          .error = found.error,
                                                          .timestamp = (time_t)(found.time / 1000),
                                                          .certDepth = -1};
    return 0;
}

// ---- what is in the air

ssize_t WifiConfig_TriggerScanAndGetScannedNetworkCount(void)
{
    return host_result(host_wifi_scan());
}

ssize_t WifiConfig_GetScannedNetworks(WifiConfig_ScannedNetwork* scannedNetworkArray, size_t scannedNetworkArrayCount)
{
    ssize_t count = room_for(HOST_WIFI_SCANNED, scannedNetworkArray, scannedNetworkArrayCount);
    for (int i = 0; i < count; i++)
    {
        WifiConfig_ScannedNetwork* scanned = &scannedNetworkArray[i];
        HOST_WIFI_NETWORK network;
        (void)host_wifi_network(HOST_WIFI_SCANNED, i, &network);
        *scanned = (WifiConfig_ScannedNetwork){.z__magicAndVersion = SCANNED_MAGIC,
                                               .ssidLength = network.ssid_length,
                                               .security = network.security,
                                               .frequencyMHz = network.frequency,
                                               .signalRssi = network.rssi};
        memcpy(scanned->ssid, network.ssid, sizeof(scanned->ssid));
        memcpy(scanned->bssid, network.bssid, sizeof(scanned->bssid));
    }
    return count;
}

// ---- deprecated

// The stored network with an SSID and a security type; -1: none. Its id goes to `id`.
static int find_stored(const uint8_t* ssid, size_t length, WifiConfig_Security_Type security, int* id)
{
    int count = host_wifi_count(HOST_WIFI_STORED);
    HOST_WIFI_NETWORK network;
    for (int i = 0; i < count; i++)
    {
        (void)host_wifi_network(HOST_WIFI_STORED, i, &network);
        if (network.ssid_length == length && network.security == security && memcmp(network.ssid, ssid, length) == 0)
        {
            *id = network.id;
            return i;
        }
    }
    return -1;
}

static int store(const uint8_t* ssid, size_t length, WifiConfig_Security_Type security, const char* psk, size_t psk_length)
{
    int id;
    if (ssid == NULL || (psk == NULL && security != WifiConfig_Security_Open))
    {
        return fail(EFAULT);
    }
    if (length == 0 || length > WIFICONFIG_SSID_MAX_LENGTH || psk_length > WIFICONFIG_WPA2_KEY_MAX_BUFFER_SIZE ||
        (psk != NULL && psk_length == 0))
    {
        return fail(ERANGE);
    }
    if (find_stored(ssid, length, security, &id) >= 0)
    {
        return fail(EEXIST);
    }
    id = WifiConfig_AddNetwork();
    if (id < 0)
    {
        return errno == ENOMEM ? fail(ENOSPC) : -1;
    }
    (void)WifiConfig_SetSSID(id, ssid, length);
    (void)WifiConfig_SetSecurityType(id, security);
    if (psk != NULL)
    {
        (void)WifiConfig_SetPSK(id, psk, psk_length);
    }
    (void)WifiConfig_SetNetworkEnabled(id, true);
    if (WifiConfig_PersistConfig() < 0)
    {
        int kept = errno;
        (void)WifiConfig_ForgetNetworkById(id);
        return fail(kept);
    }
    return 0;
}

int WifiConfig_StoreOpenNetwork(const uint8_t* ssid, size_t ssidLength)
{
    return store(ssid, ssidLength, WifiConfig_Security_Open, NULL, 0);
}

int WifiConfig_StoreWpa2Network(const uint8_t* ssid, size_t ssidLength, const char* psk, size_t pskLength)
{
    return store(ssid, ssidLength, WifiConfig_Security_Wpa2_Psk, psk, pskLength);
}

int WifiConfig_ForgetNetwork(const WifiConfig_StoredNetwork* storedNetwork)
{
    int id;
    if (storedNetwork == NULL)
    {
        return fail(EFAULT);
    }
    if (storedNetwork->z__magicAndVersion != STORED_MAGIC)
    {
        return fail(EINVAL);
    }
    if (host_result(host_wifi_count(HOST_WIFI_STORED)) < 0)
    {
        return -1;
    }
    if (find_stored(storedNetwork->ssid, storedNetwork->ssidLength, storedNetwork->security, &id) < 0)
    {
        return fail(ENOENT);
    }
    return WifiConfig_ForgetNetworkById(id) < 0 ? -1 : WifiConfig_PersistConfig();
}
