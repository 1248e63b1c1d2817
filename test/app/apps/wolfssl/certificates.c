// Certificates as files.
#include <applibs/application.h>
#include <tlsutils/deviceauth.h>
#include <wolfssl/openssl/ssl.h>

#include "parts.h"

void Certificates(void)
{
    char text[64];
    unsigned char serial[32];
    int size = 0;
    char* path = PathOf("certs/server.pem");
    X509* x509 = wolfSSL_X509_load_certificate_file(path, WOLFSSL_FILETYPE_PEM);
    CHECK(x509 != NULL);
    CHECK(X509_NAME_oneline(X509_get_subject_name(x509), text, sizeof(text)) == text);
    CHECK(strcmp(text, "/CN=tls.contoso.com") == 0);
    CHECK(strcmp(X509_NAME_oneline(X509_get_issuer_name(x509), text, 6), "/CN=R") == 0); // as much as there is room for
    CHECK(X509_NAME_oneline(NULL, text, sizeof(text)) == NULL && X509_NAME_oneline(X509_get_subject_name(x509), text, 0) == NULL);
    char* whole = X509_NAME_oneline(X509_get_issuer_name(x509), NULL, 0);
    CHECK(strcmp(whole, "/CN=Root") == 0);
    free(whole);
    for (int i = 0; i < 2; i++)
    {
        CHECK(strcmp(wolfSSL_X509_get_next_altname(x509), "tls.contoso.com") == 0);
        CHECK(strcmp(wolfSSL_X509_get_next_altname(x509), "alias.contoso.com") == 0);
        CHECK(wolfSSL_X509_get_next_altname(x509) == NULL);
    }
    const byte* before = wolfSSL_X509_notBefore(x509);
    const byte* after = wolfSSL_X509_notAfter(x509);
    CHECK(before[0] == 0x17 && before[1] == 13 && strlen((const char*)before + 2) == 13 && before[14] == 'Z');
    CHECK(strncmp((const char*)before + 2, (const char*)after + 2, 13) < 0);
    size = 1;
    CHECK(wolfSSL_X509_get_serial_number(x509, serial, &size) == BUFFER_E);
    size = sizeof(serial);
    CHECK(wolfSSL_X509_get_serial_number(x509, serial, &size) == WOLFSSL_SUCCESS && size > 1);
    Log_Debug("serial ");
    for (int i = 0; i < size; i++)
    {
        Log_Debug("%02X", serial[i]);
    }
    Log_Debug("\n");
    const unsigned char* der = wolfSSL_X509_get_der(x509, &size);
    WOLFSSL_X509* same = wolfSSL_X509_load_certificate_buffer(der, size, WOLFSSL_FILETYPE_ASN1);
    CHECK(same != NULL && strcmp(wolfSSL_X509_get_subjectCN(same), "tls.contoso.com") == 0);
    wolfSSL_X509_free(same);
    wolfSSL_X509_free(x509);
    wolfSSL_X509_free(NULL);
    free(path);

    path = PathOf("certs/client.pem");
    x509 = wolfSSL_X509_load_certificate_file(path, WOLFSSL_FILETYPE_PEM);
    CHECK(wolfSSL_X509_get_next_altname(x509) == NULL);
    CHECK(strcmp(wolfSSL_X509_get_subjectCN(x509), "client-1") == 0);
    wolfSSL_X509_free(x509);
    free(path);
}

// As the official snippet does it: the subject is /CN= and the device id.
void DeviceId(void)
{
    bool ready = false;
    char subject[134] = "";
    CHECK(Application_IsDeviceAuthReady(&ready) == 0 && ready);
    WOLFSSL_X509* x509 = wolfSSL_X509_load_certificate_file(DeviceAuth_GetCertificatePath(), WOLFSSL_FILETYPE_PEM);
    WOLFSSL_X509_NAME* name = wolfSSL_X509_get_subject_name(x509);
    CHECK(name != NULL && wolfSSL_X509_NAME_oneline(name, subject, sizeof(subject)) >= (char*)0);
    Log_Debug("device %s\n", subject + 4);
    wolfSSL_X509_free(x509);
}
