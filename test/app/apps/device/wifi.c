#include <applibs/networking.h>
#include <applibs/wificonfig.h>

#include "../check.h"

static const uint8_t home[] = "Home";
#define HOME home, 4
#define LONG_NAME "seventeen letters"

static bool Ready(void)
{
    bool ready = false;
    CHECK(Networking_IsNetworkingReady(&ready) == 0);
    return ready;
}

static int Failure(int id)
{
    WifiConfig_NetworkDiagnostics diagnostics;
    if (WifiConfig_GetNetworkDiagnostics(id, &diagnostics) != 0)
    {
        return -1;
    }
    CHECK(diagnostics.isEnabled == 1 && diagnostics.isConnected == 0 && diagnostics.certDepth < 0);
    CHECK(diagnostics.timestamp == time(NULL) && diagnostics.certError == 0 && diagnostics.certSubject.name[0] == '\0');
    return diagnostics.error;
}

// Arguments that are wrong, of network `id`.
static void Arguments(int id)
{
    char text[300];
    CertStore_Identifier certificate;
    memset(text, 'x', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    CHECK_ERROR(WifiConfig_SetSSID(id, NULL, 4), EFAULT);
    CHECK_ERROR(WifiConfig_SetSSID(id, home, 0), ERANGE);
    CHECK_ERROR(WifiConfig_SetSSID(id, (uint8_t*)text, 33), ERANGE);
    CHECK_ERROR(WifiConfig_SetSSID(-1, HOME), EINVAL);
    CHECK_ERROR(WifiConfig_SetSSID(99, HOME), ENODEV);
    CHECK_ERROR(WifiConfig_SetPSK(id, NULL, 8), EFAULT);
    CHECK_ERROR(WifiConfig_SetPSK(id, text, 65), ERANGE);
    CHECK_ERROR(WifiConfig_SetSecurityType(id, WifiConfig_Security_Unknown), EINVAL);
    CHECK_ERROR(WifiConfig_SetSecurityType(id, 4), EINVAL);
    CHECK_ERROR(WifiConfig_SetSecurityType(99, WifiConfig_Security_Open), ENODEV);
    CHECK_ERROR(WifiConfig_SetNetworkEnabled(99, true), ENODEV);
    CHECK_ERROR(WifiConfig_SetTargetedScanEnabled(-7, true), EINVAL);
    CHECK_ERROR(WifiConfig_SetConfigName(id, NULL), EFAULT);
    CHECK_ERROR(WifiConfig_SetConfigName(id, LONG_NAME), ERANGE);
    CHECK_ERROR(WifiConfig_SetClientIdentity(id, text), ERANGE);
    CHECK_ERROR(WifiConfig_SetClientCertStoreIdentifier(id, LONG_NAME), ERANGE);
    CHECK_ERROR(WifiConfig_SetRootCACertStoreIdentifier(id, NULL), EFAULT);
    CHECK_ERROR(WifiConfig_GetClientIdentity(id, NULL), EFAULT);
    CHECK_ERROR(WifiConfig_GetRootCACertStoreIdentifier(99, &certificate), ENODEV);
    CHECK_ERROR(WifiConfig_AddDuplicateNetwork(id, NULL), EFAULT);
    CHECK_ERROR(WifiConfig_AddDuplicateNetwork(id, ""), ERANGE);
    CHECK_ERROR(WifiConfig_AddDuplicateNetwork(99, "copy"), ENODEV);
    CHECK_ERROR(WifiConfig_GetNetworkIdByConfigName(NULL), EFAULT);
    CHECK_ERROR(WifiConfig_GetNetworkIdByConfigName(LONG_NAME), ERANGE);
    CHECK_ERROR(WifiConfig_GetNetworkIdByConfigName("nobody"), ENODEV);
    CHECK_ERROR(WifiConfig_GetCurrentNetwork(NULL), EFAULT);
    CHECK_ERROR(WifiConfig_GetNetworkDiagnostics(id, NULL), EFAULT);
    CHECK_ERROR(WifiConfig_ForgetNetworkById(99), ENODEV);
    CHECK_ERROR(WifiConfig_ForgetNetworkById(-1), EINVAL);
    CHECK_ERROR(WifiConfig_GetStoredNetworks(NULL, 1), EFAULT);
    CHECK_ERROR(WifiConfig_GetStoredNetworks((WifiConfig_StoredNetwork*)text, 0), ERANGE);
    CHECK_ERROR(WifiConfig_GetScannedNetworks(NULL, 1), EFAULT);
    CHECK_ERROR(WifiConfig_GetScannedNetworks((WifiConfig_ScannedNetwork*)text, 0), ERANGE);
}

static void Scan(void)
{
    WifiConfig_ScannedNetwork found[4];
    CHECK(WifiConfig_GetScannedNetworks(found, 4) == 0);
    CHECK(WifiConfig_TriggerScanAndGetScannedNetworkCount() == 3); // not the hidden one
    CHECK(WifiConfig_GetScannedNetworks(found, 4) == 3);
    CHECK(found[0].ssidLength == 4 && memcmp(found[0].ssid, home, 4) == 0);
    CHECK(found[0].security == WifiConfig_Security_Wpa2_Psk && found[0].frequencyMHz == 5180 && found[0].signalRssi == -61);
    CHECK(memcmp(found[0].bssid, (const uint8_t[]){0xa0, 1, 2, 3, 4, 0xff}, 6) == 0);
    CHECK(found[1].security == WifiConfig_Security_Open && found[1].frequencyMHz == 2412 && found[1].bssid[5] == 2);
    CHECK(found[2].security == WifiConfig_Security_Wpa2_EAP_TLS);
    CHECK(WifiConfig_GetScannedNetworks(found, 1) == 1);
}

static void Enterprise(void)
{
    WifiConfig_ClientIdentity identity;
    CertStore_Identifier certificate;
    int id = WifiConfig_AddNetwork();
    CHECK(WifiConfig_SetSSID(id, (const uint8_t*)"Office", 6) == 0);
    CHECK(WifiConfig_SetSecurityType(id, WifiConfig_Security_Wpa2_EAP_TLS) == 0);
    CHECK(WifiConfig_GetClientIdentity(id, &identity) == 0 && identity.identity[0] == '\0');
    CHECK(WifiConfig_SetNetworkEnabled(id, true) == 0 && Failure(id) == 5);
    CHECK(WifiConfig_SetClientIdentity(id, "device@office") == 0);
    CHECK(WifiConfig_SetRootCACertStoreIdentifier(id, "office-root") == 0);
    CHECK(WifiConfig_SetClientCertStoreIdentifier(id, "office-client") == 0);
    CHECK(WifiConfig_GetClientIdentity(id, &identity) == 0 && strcmp(identity.identity, "device@office") == 0);
    CHECK(WifiConfig_GetClientCertStoreIdentifier(id, &certificate) == 0 && strcmp(certificate.identifier, "office-client") == 0);
    CHECK(WifiConfig_GetRootCACertStoreIdentifier(id, &certificate) == 0 && strcmp(certificate.identifier, "office-root") == 0);
}

// In the air: "Home" with the key "open sesame", "Cafe", open, "Office", EAP-TLS, and "Secret", hidden and open. None is stored.
void Wifi(void)
{
    WifiConfig_ConnectedNetwork current;
    WifiConfig_StoredNetwork stored[3];
    int id;
    int copy;
    CHECK(WifiConfig_GetStoredNetworkCount() == 0 && WifiConfig_GetStoredNetworks(stored, 3) == 0 && !Ready());
    CHECK_ERROR(WifiConfig_GetCurrentNetwork(&current), ENODATA);
    CHECK_ERROR(WifiConfig_GetConnectedNetworkId(), ENOTCONN);
    Scan();

    id = WifiConfig_AddNetwork();
    CHECK(id >= 0);
    CHECK_ERROR(WifiConfig_PersistConfig(), EINVAL); // no SSID
    Arguments(id);
    CHECK(WifiConfig_SetSSID(id, HOME) == 0 && WifiConfig_SetSecurityType(id, WifiConfig_Security_Open) == 0);
    CHECK_ERROR(Failure(id), ENODEV);
    CHECK(WifiConfig_SetNetworkEnabled(id, true) == 0 && Failure(id) == 6);
    CHECK(WifiConfig_SetSecurityType(id, WifiConfig_Security_Wpa2_Psk) == 0 && Failure(id) == 3);
    CHECK(WifiConfig_SetPSK(id, "open barley", 11) == 0 && Failure(id) == 4 && !Ready());
    CHECK(WifiConfig_SetPSK(id, "open sesame", 11) == 0 && Ready());
    CHECK(WifiConfig_GetCurrentNetwork(&current) == 0 && WifiConfig_GetConnectedNetworkId() == id);
    CHECK(current.ssidLength == 4 && memcmp(current.ssid, home, 4) == 0 && current.bssid[0] == 0xa0);
    CHECK(current.security == WifiConfig_Security_Wpa2_Psk && current.frequencyMHz == 5180 && current.signalRssi == -61);
    CHECK(WifiConfig_SetConfigName(id, "first") == 0 && WifiConfig_GetNetworkIdByConfigName("first") == id);

    CHECK_ERROR(WifiConfig_AddDuplicateNetwork(id, "first"), EEXIST);
    copy = WifiConfig_AddDuplicateNetwork(id, "second");
    CHECK(copy > id && WifiConfig_GetStoredNetworks(stored, 3) == 2);
    CHECK(stored[0].isEnabled && stored[0].isConnected && !stored[1].isEnabled && !stored[1].isConnected);
    CHECK(stored[1].ssidLength == 4 && stored[1].security == WifiConfig_Security_Wpa2_Psk);
    CHECK(WifiConfig_GetStoredNetworks(stored, 1) == 1);
    CHECK(WifiConfig_ForgetNetworkById(copy) == 0 && WifiConfig_PersistConfig() == 0);

    CHECK(WifiConfig_SetNetworkEnabled(id, false) == 0 && !Ready() && WifiConfig_AddNetwork() > id);
    CHECK(WifiConfig_ReloadConfig() == 0 && Ready() && WifiConfig_GetStoredNetworkCount() == 1);
    Ask("all networks go away");
    CHECK(!Ready() && Failure(id) == 2);
    Ask("they come back");
    CHECK(Ready());

    copy = WifiConfig_AddNetwork();
    CHECK(WifiConfig_SetSSID(copy, (const uint8_t*)"Secret", 6) == 0 && WifiConfig_SetNetworkEnabled(copy, true) == 0);
    CHECK(Failure(copy) == 2);
    CHECK(WifiConfig_SetTargetedScanEnabled(copy, true) == 0 && WifiConfig_GetConnectedNetworkId() == copy);
    CHECK(WifiConfig_ForgetNetworkById(copy) == 0 && WifiConfig_GetConnectedNetworkId() == id);
    Enterprise();

    CHECK(WifiConfig_StoreOpenNetwork((const uint8_t*)"Cafe", 4) == 0);
    CHECK_ERROR(WifiConfig_StoreOpenNetwork((const uint8_t*)"Cafe", 4), EEXIST);
    CHECK_ERROR(WifiConfig_StoreOpenNetwork(NULL, 4), EFAULT);
    CHECK_ERROR(WifiConfig_StoreWpa2Network(HOME, "open sesame", 11), EEXIST);
    CHECK_ERROR(WifiConfig_StoreWpa2Network((const uint8_t*)"Cafe", 4, "open sesame", 0), ERANGE);
    CHECK_ERROR(WifiConfig_StoreWpa2Network((const uint8_t*)"Cafe", 4, NULL, 8), EFAULT);
    CHECK(WifiConfig_GetStoredNetworks(stored, 3) == 3);
    CHECK(WifiConfig_ForgetNetwork(&stored[0]) == 0);
    CHECK_ERROR(WifiConfig_ForgetNetwork(&stored[0]), ENOENT);
    CHECK_ERROR(WifiConfig_ForgetNetwork(NULL), EFAULT);
    stored[1].z__magicAndVersion = 0;
    CHECK_ERROR(WifiConfig_ForgetNetwork(&stored[1]), EINVAL);
    CHECK(WifiConfig_ForgetAllNetworks() == 0 && WifiConfig_GetStoredNetworkCount() == 0 && !Ready());
    CHECK(WifiConfig_StoreOpenNetwork((const uint8_t*)"a", 1) == 0 && WifiConfig_StoreOpenNetwork((const uint8_t*)"b", 1) == 0);
    CHECK(WifiConfig_ForgetNetworkById(0) == 0 && WifiConfig_SetNetworkEnabled(1, true) == 0);
    CHECK(WifiConfig_PersistConfig() == 0 && WifiConfig_ReloadConfig() == 0 && WifiConfig_SetNetworkEnabled(0, true) == 0);
    CHECK_ERROR(WifiConfig_SetNetworkEnabled(1, true), ENODEV); // ids are counted anew
    CHECK(WifiConfig_ForgetAllNetworks() == 0);
    for (uint8_t i = 0; i < 37; i++)
    {
        CHECK(WifiConfig_StoreOpenNetwork(&i, sizeof(i)) == 0);
    }
    CHECK_ERROR(WifiConfig_StoreOpenNetwork((const uint8_t*)"one more", 8), ENOSPC);
    CHECK(WifiConfig_GetStoredNetworkCount() == 37);
    for (int i = 37; i < 1000; i++)
    {
        CHECK(WifiConfig_AddNetwork() >= 0);
    }
    for (int i = 0; i < 20000; i++)
    {
        CHECK_ERROR(WifiConfig_AddNetwork(), ENOMEM);
    }
    CHECK_ERROR(WifiConfig_AddDuplicateNetwork(0, "copy"), ENOMEM);
    CHECK_ERROR(WifiConfig_StoreOpenNetwork((const uint8_t*)"one more", 8), ENOSPC);
    CHECK(WifiConfig_ReloadConfig() == 0 && WifiConfig_GetStoredNetworkCount() == 37);
}

// Without the capabilities; "Home" is connected all the same.
void WifiRefused(void)
{
    WifiConfig_ConnectedNetwork current;
    WifiConfig_ScannedNetwork scanned;
    WifiConfig_StoredNetwork stored;
    WifiConfig_NetworkDiagnostics diagnostics;
    WifiConfig_ClientIdentity identity;
    CertStore_Identifier certificate;
    CHECK(Ready());
    CHECK_ERROR(WifiConfig_GetCurrentNetwork(&current), EACCES);
    CHECK_ERROR(WifiConfig_GetConnectedNetworkId(), EACCES);
    CHECK_ERROR(WifiConfig_GetNetworkDiagnostics(0, &diagnostics), EACCES);
    CHECK_ERROR(WifiConfig_GetStoredNetworkCount(), EACCES);
    CHECK_ERROR(WifiConfig_GetStoredNetworks(&stored, 1), EACCES);
    CHECK_ERROR(WifiConfig_GetScannedNetworks(&scanned, 1), EACCES);
    CHECK_ERROR(WifiConfig_TriggerScanAndGetScannedNetworkCount(), EACCES);
    CHECK_ERROR(WifiConfig_AddNetwork(), EACCES);
    CHECK_ERROR(WifiConfig_AddDuplicateNetwork(0, "copy"), EACCES);
    CHECK_ERROR(WifiConfig_ForgetNetworkById(0), EACCES);
    CHECK_ERROR(WifiConfig_ForgetAllNetworks(), EACCES);
    CHECK_ERROR(WifiConfig_GetNetworkIdByConfigName("copy"), EACCES);
    CHECK_ERROR(WifiConfig_SetSSID(0, HOME), EACCES);
    CHECK_ERROR(WifiConfig_SetPSK(0, "open sesame", 11), EACCES);
    CHECK_ERROR(WifiConfig_SetSecurityType(0, WifiConfig_Security_Open), EACCES);
    CHECK_ERROR(WifiConfig_SetNetworkEnabled(0, true), EACCES);
    CHECK_ERROR(WifiConfig_SetTargetedScanEnabled(0, true), EACCES);
    CHECK_ERROR(WifiConfig_SetConfigName(0, "copy"), EACCES);
    CHECK_ERROR(WifiConfig_PersistConfig(), EACCES);
    CHECK_ERROR(WifiConfig_ReloadConfig(), EACCES);
    CHECK_ERROR(WifiConfig_StoreOpenNetwork(HOME), EACCES);
    CHECK_ERROR(WifiConfig_SetClientIdentity(0, "me"), EACCES);
    CHECK_ERROR(WifiConfig_GetClientIdentity(0, &identity), EACCES);
    CHECK_ERROR(WifiConfig_SetClientCertStoreIdentifier(0, "me"), EACCES);
    CHECK_ERROR(WifiConfig_GetRootCACertStoreIdentifier(0, &certificate), EACCES);
}

// Two networks are added, one of them kept; a second run finds that one.
void WifiKept(void)
{
    int id;
    if (WifiConfig_GetNetworkIdByConfigName("kept") >= 0)
    {
        CHECK(WifiConfig_GetStoredNetworkCount() == 1);
        CHECK(WifiConfig_ForgetAllNetworks() == 0 && WifiConfig_AddNetwork() >= 0);
        CHECK(WifiConfig_ReloadConfig() == 0 && WifiConfig_GetStoredNetworkCount() == 0);
        Log_Debug("found\n");
        return;
    }
    CHECK(WifiConfig_ForgetAllNetworks() == 0);
    id = WifiConfig_AddNetwork();
    CHECK(WifiConfig_SetSSID(id, HOME) == 0 && WifiConfig_SetConfigName(id, "kept") == 0 && WifiConfig_PersistConfig() == 0);
    CHECK(WifiConfig_AddNetwork() > id);
}
