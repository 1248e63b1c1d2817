#include <applibs/certstore.h>
#include <applibs/wificonfig.h>
#include <stdio.h>

#include "../check.h"

// Of the test: PEM of a root, of a client's certificate and key, and of the same key with the password "sésame" in ISO 8859-1.
extern char** arguments;

#define ROOT arguments[2], strlen(arguments[2])
#define CLIENT arguments[3], strlen(arguments[3])
#define KEY arguments[4], strlen(arguments[4])
#define ENCRYPTED_KEY arguments[5], strlen(arguments[5])

static void Arguments(void)
{
    char text[CERTSTORE_MAX_CERT_SIZE + 2];
    CertStore_Identifier identifier;
    memset(text, 'x', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    CHECK_ERROR(CertStore_InstallRootCACertificate(NULL, ROOT), EFAULT);
    CHECK_ERROR(CertStore_InstallRootCACertificate("root", NULL, 5), EFAULT);
    CHECK_ERROR(CertStore_InstallRootCACertificate("root", arguments[2], 0), ERANGE);
    CHECK_ERROR(CertStore_InstallRootCACertificate("root", text, CERTSTORE_MAX_CERT_SIZE + 1), ERANGE);
    CHECK_ERROR(CertStore_InstallRootCACertificate("root", text, 100), EINVAL);
    CHECK_ERROR(CertStore_InstallRootCACertificate("root", arguments[2], 100), EINVAL);
    CHECK_ERROR(CertStore_InstallRootCACertificate("", ROOT), EINVAL);
    CHECK_ERROR(CertStore_InstallRootCACertificate("a root", ROOT), EINVAL);
    CHECK_ERROR(CertStore_InstallRootCACertificate("seventeen-letters", ROOT), EINVAL);
    CHECK_ERROR(CertStore_InstallClientCertificate("client", CLIENT, NULL, 4, NULL), EFAULT);
    CHECK_ERROR(CertStore_InstallClientCertificate("client", CLIENT, arguments[4], 0, NULL), ERANGE);
    CHECK_ERROR(CertStore_InstallClientCertificate("client", CLIENT, CLIENT, NULL), EINVAL);
    CHECK_ERROR(CertStore_InstallClientCertificate("client", KEY, KEY, NULL), EINVAL);
    CHECK_ERROR(CertStore_InstallClientCertificate("client", CLIENT, ENCRYPTED_KEY, NULL), EACCES);
    CHECK_ERROR(CertStore_InstallClientCertificate("client", CLIENT, ENCRYPTED_KEY, "barley"), EACCES);
    CHECK_ERROR(CertStore_InstallClientCertificate("client", CLIENT, ENCRYPTED_KEY, "s\xe8same"), EACCES);
    text[CERTSTORE_MAX_PRIVATE_KEY_PASSWORD_LENGTH + 1] = '\0';
    CHECK_ERROR(CertStore_InstallClientCertificate("client", CLIENT, ENCRYPTED_KEY, text), ERANGE);
    CHECK_ERROR(CertStore_DeleteCertificate("root"), ENOENT);
    CHECK_ERROR(CertStore_DeleteCertificate(NULL), EFAULT);
    CHECK_ERROR(CertStore_MoveCertificate("root", "other"), ENOENT);
    CHECK_ERROR(CertStore_MoveCertificate("root", NULL), EFAULT);
    CHECK_ERROR(CertStore_MoveCertificate("root", "a root"), EINVAL);
    CHECK_ERROR(CertStore_GetCertificateIdentifierAt(0, &identifier), ERANGE);
    CHECK_ERROR(CertStore_GetCertificateIdentifierAt(0, NULL), EFAULT);
    CHECK(CertStore_GetCertificateCount() == 0);
}

static void Content(void)
{
    CertStore_SubjectName subject;
    CertStore_IssuerName issuer;
    struct tm from;
    struct tm to;
    CHECK(CertStore_GetCertificateSubjectName("client", &subject) == 0 && strcmp(subject.name, "/O=Contoso/CN=device") == 0);
    CHECK(CertStore_GetCertificateIssuerName("client", &issuer) == 0 && strcmp(issuer.name, "/CN=Contoso Root") == 0);
    CHECK(CertStore_GetCertificateNotBefore("client", &from) == 0 && from.tm_year == 124 && from.tm_mon == 5 && from.tm_mday == 1);
    CHECK(CertStore_GetCertificateNotAfter("client", &to) == 0 && to.tm_year == 125 && to.tm_mon == 5 && to.tm_mday == 1);
    CHECK_ERROR(CertStore_GetCertificateSubjectName("nobody", &subject), ENOENT);
    CHECK_ERROR(CertStore_GetCertificateSubjectName("client", NULL), EFAULT);
    CHECK_ERROR(CertStore_GetCertificateIssuerName("nobody", &issuer), ENOENT);
    CHECK_ERROR(CertStore_GetCertificateIssuerName(NULL, &issuer), EFAULT);
    CHECK_ERROR(CertStore_GetCertificateNotBefore("nobody", &from), ENOENT);
    CHECK_ERROR(CertStore_GetCertificateNotAfter("client", NULL), EFAULT);
}

// "Office" takes EAP-TLS.
static void Network(void)
{
    WifiConfig_ConnectedNetwork network;
    int id = WifiConfig_AddNetwork();
    CHECK(WifiConfig_SetSSID(id, (const uint8_t*)"Office", 6) == 0 && WifiConfig_SetClientIdentity(id, "device") == 0);
    CHECK(WifiConfig_SetSecurityType(id, WifiConfig_Security_Wpa2_EAP_TLS) == 0);
    CHECK(WifiConfig_SetClientCertStoreIdentifier(id, "root") == 0); // no client certificate
    CHECK(WifiConfig_SetNetworkEnabled(id, true) == 0);
    CHECK_ERROR(WifiConfig_GetCurrentNetwork(&network), ENODATA);
    CHECK(WifiConfig_SetClientCertStoreIdentifier(id, "client") == 0 && WifiConfig_GetCurrentNetwork(&network) == 0);
    CHECK(WifiConfig_SetRootCACertStoreIdentifier(id, "nobody") == 0);
    CHECK_ERROR(WifiConfig_GetCurrentNetwork(&network), ENODATA);
    CHECK(WifiConfig_SetRootCACertStoreIdentifier(id, "root") == 0 && WifiConfig_GetCurrentNetwork(&network) == 0);
    CHECK(WifiConfig_PersistConfig() == 0 && CertStore_DeleteCertificate("client") == 0);
    CHECK(WifiConfig_GetCurrentNetwork(&network) == 0); // until the configuration is loaded again
    CHECK(WifiConfig_ReloadConfig() == 0);
    CHECK_ERROR(WifiConfig_GetCurrentNetwork(&network), ENODATA);
}

void Certificates(void)
{
    CertStore_Identifier identifier;
    ssize_t space = CertStore_GetAvailableSpace();
    int installed = 0;
    CHECK(space == 24 * 1024);
    Arguments();
    CHECK(CertStore_InstallRootCACertificate("root", ROOT) == 0);
    CHECK(CertStore_GetAvailableSpace() == space - (ssize_t)strlen(arguments[2]));
    CHECK(CertStore_InstallClientCertificate("client", CLIENT, KEY, NULL) == 0);
    CHECK(CertStore_InstallClientCertificate("client", CLIENT, ENCRYPTED_KEY, "s\xe9same") == 0); // in the place of the other
    CHECK(CertStore_GetCertificateCount() == 2);
    CHECK(CertStore_GetCertificateIdentifierAt(1, &identifier) == 0 && strcmp(identifier.identifier, "client") == 0);
    CHECK_ERROR(CertStore_GetCertificateIdentifierAt(2, &identifier), ERANGE);
    Content();
    CHECK(CertStore_MoveCertificate("client", "1234567890.-_aZz") == 0 && CertStore_GetCertificateCount() == 2);
    CHECK_ERROR(CertStore_DeleteCertificate("client"), ENOENT);
    CHECK(CertStore_MoveCertificate("1234567890.-_aZz", "client") == 0);
    Network();
    do
    {
        (void)snprintf(identifier.identifier, sizeof(identifier.identifier), "root-%d", installed++);
    } while (installed < 1000 && CertStore_InstallRootCACertificate(identifier.identifier, ROOT) == 0);
    CHECK(errno == ENOSPC && CertStore_GetCertificateCount() == space / (ssize_t)strlen(arguments[2]));
    CHECK(CertStore_GetAvailableSpace() < (ssize_t)strlen(arguments[2]));
    CHECK(CertStore_InstallRootCACertificate("root", ROOT) == 0);
}

// Without the capability.
void CertificatesRefused(void)
{
    CertStore_Identifier identifier;
    CertStore_SubjectName subject;
    CertStore_IssuerName issuer;
    struct tm time;
    CHECK_ERROR(CertStore_InstallRootCACertificate("root", ROOT), EACCES);
    CHECK_ERROR(CertStore_InstallClientCertificate("client", CLIENT, KEY, NULL), EACCES);
    CHECK_ERROR(CertStore_DeleteCertificate("root"), EACCES);
    CHECK_ERROR(CertStore_MoveCertificate("root", "other"), EACCES);
    CHECK_ERROR(CertStore_GetCertificateCount(), EACCES);
    CHECK_ERROR(CertStore_GetCertificateIdentifierAt(0, &identifier), EACCES);
    CHECK_ERROR(CertStore_GetAvailableSpace(), EACCES);
    CHECK_ERROR(CertStore_GetCertificateSubjectName("root", &subject), EACCES);
    CHECK_ERROR(CertStore_GetCertificateIssuerName("root", &issuer), EACCES);
    CHECK_ERROR(CertStore_GetCertificateNotBefore("root", &time), EACCES);
    CHECK_ERROR(CertStore_GetCertificateNotAfter("root", &time), EACCES);
}
