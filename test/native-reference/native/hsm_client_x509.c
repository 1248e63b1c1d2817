// In the place of the SDK's hsm_client_x509.c: the certificate and the key of the PEM files that the environment names.
#include "hsm_client_x509.h"

#include <openssl/pem.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hsm_client_data.h"

static int instance;

static char* content_of(const char* variable)
{
    const char* name = getenv(variable);
    FILE* file = name == NULL ? NULL : fopen(name, "rb");
    char* text = calloc(1, 65536);
    if (file == NULL || text == NULL || fread(text, 1, 65535, file) == 0)
    {
        (void)fprintf(stderr, "%s does not name a file that can be read\n", variable);
        exit(98);
    }
    (void)fclose(file);
    return text;
}

HSM_CLIENT_HANDLE hsm_client_x509_create(void)
{
    return &instance;
}

void hsm_client_x509_destroy(HSM_CLIENT_HANDLE handle)
{
    (void)handle;
}

char* hsm_client_x509_get_certificate(HSM_CLIENT_HANDLE handle)
{
    (void)handle;
    return content_of("DEVICE_CERTIFICATE");
}

char* hsm_client_x509_get_key(HSM_CLIENT_HANDLE handle)
{
    (void)handle;
    return content_of("DEVICE_KEY");
}

char* hsm_client_x509_get_common_name(HSM_CLIENT_HANDLE handle)
{
    char* pem = hsm_client_x509_get_certificate(handle);
    BIO* bio = BIO_new_mem_buf(pem, -1);
    X509* certificate = PEM_read_bio_X509(bio, NULL, NULL, NULL);
    char* name = calloc(1, 256);
    (void)X509_NAME_get_text_by_NID(X509_get_subject_name(certificate), NID_commonName, name, 256);
    X509_free(certificate);
    BIO_free(bio);
    free(pem);
    return name;
}

int hsm_client_x509_set_certificate(HSM_CLIENT_HANDLE handle, const char* certificate)
{
    (void)handle;
    (void)certificate;
    return 1;
}

int hsm_client_x509_set_key(HSM_CLIENT_HANDLE handle, const char* key)
{
    (void)handle;
    (void)key;
    return 1;
}

static const HSM_CLIENT_X509_INTERFACE x509_interface = {
    hsm_client_x509_create, hsm_client_x509_destroy, hsm_client_x509_get_certificate, hsm_client_x509_get_key,
    hsm_client_x509_get_common_name};

const HSM_CLIENT_X509_INTERFACE* hsm_client_x509_interface(void)
{
    return &x509_interface;
}

int hsm_client_x509_init(void)
{
    return 0;
}

void hsm_client_x509_deinit(void) {}
