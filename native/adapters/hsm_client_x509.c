// Takes the place of the SDK's hsm_client_x509.c, symbol for symbol: the certificate and the key of a Sphere device.
//
// Every create makes an instance with a credential binding of its own (host.h). What the SDK gets as certificate and as
// key is the text of that binding, so the DAA key is never in this memory, and iothub_security_deinit before the first
// DoWork, as the samples do it, loses nothing.
#include <stdio.h>
#include <stdlib.h>

#include "azure_c_shared_utility/crt_abstractions.h"
#include "azure_c_shared_utility/gballoc.h"
#include "azure_c_shared_utility/optimize_size.h"
#include "azure_c_shared_utility/xlogging.h"
#include "credential_binding.h"
#include "host.h"
#include "hsm_client_data.h"
#include "hsm_client_x509.h"
#include "secret_text.h"

typedef struct HSM_CLIENT_X509_INFO_TAG
{
    int binding;
    char* certificate; // PEM that the app set by option; NULL: the binding's
    char* key;
} HSM_CLIENT_X509_INFO;

HSM_CLIENT_HANDLE hsm_client_x509_create(void)
{
    HSM_CLIENT_X509_INFO* hsm = calloc(1, sizeof(HSM_CLIENT_X509_INFO));
    if (hsm == NULL)
    {
        LogError("out of memory");
        return NULL;
    }
    hsm->binding = credential_binding_make();
    return hsm;
}

void hsm_client_x509_destroy(HSM_CLIENT_HANDLE handle)
{
    HSM_CLIENT_X509_INFO* hsm = handle;
    if (hsm != NULL)
    {
        host_credential_release(hsm->binding);
        secret_text_free(hsm->certificate);
        secret_text_free(hsm->key);
        free(hsm);
    }
}

// As the SDK's: once set, it can't be changed.
static int set_once(char** field, const char* value, const char* what)
{
    if (value == NULL || *field != NULL)
    {
        LogError("The %s is NULL, or was set before and can't be changed", what);
        return MU_FAILURE;
    }
    return mallocAndStrcpy_s(field, value) == 0 ? 0 : MU_FAILURE;
}

int hsm_client_x509_set_certificate(HSM_CLIENT_HANDLE handle, const char* certificate)
{
    return handle == NULL ? MU_FAILURE : set_once(&((HSM_CLIENT_X509_INFO*)handle)->certificate, certificate, "certificate");
}

int hsm_client_x509_set_key(HSM_CLIENT_HANDLE handle, const char* key)
{
    return handle == NULL ? MU_FAILURE : set_once(&((HSM_CLIENT_X509_INFO*)handle)->key, key, "key");
}

// A copy of what the app set, or the text of the binding; the SDK frees it.
static char* copy_or_binding(const HSM_CLIENT_X509_INFO* hsm, const char* value)
{
    char* copy = NULL;
    char text[CREDENTIAL_BINDING_TEXT_SIZE];
    char name[CREDENTIAL_COMMON_NAME_SIZE];
    if (value == NULL)
    {
        if (host_credential_common_name(hsm->binding, name, sizeof(name)) == 0)
        {
            LogError("The device has no certificate yet: device authentication is not ready");
            return NULL;
        }
        (void)snprintf(text, sizeof(text), CREDENTIAL_BINDING_FORMAT, hsm->binding);
        value = text;
    }
    if (mallocAndStrcpy_s(&copy, value) != 0)
    {
        LogError("out of memory");
        return NULL;
    }
    return copy;
}

char* hsm_client_x509_get_certificate(HSM_CLIENT_HANDLE handle)
{
    const HSM_CLIENT_X509_INFO* hsm = handle;
    return hsm == NULL ? NULL : copy_or_binding(hsm, hsm->certificate);
}

char* hsm_client_x509_get_key(HSM_CLIENT_HANDLE handle)
{
    const HSM_CLIENT_X509_INFO* hsm = handle;
    return hsm == NULL ? NULL : copy_or_binding(hsm, hsm->key);
}

// The registration id: on a Sphere device the DAA certificate's common name. The SDK frees it.
char* hsm_client_x509_get_common_name(HSM_CLIENT_HANDLE handle)
{
    const HSM_CLIENT_X509_INFO* hsm = handle;
    char name[CREDENTIAL_COMMON_NAME_SIZE];
    char* copy = NULL;
    if (hsm == NULL || host_credential_common_name(hsm->binding, name, sizeof(name)) == 0)
    {
        LogError("The device has no certificate yet: device authentication is not ready");
        return NULL;
    }
    return mallocAndStrcpy_s(&copy, name) == 0 ? copy : NULL;
}

static const HSM_CLIENT_X509_INTERFACE x509_interface = {hsm_client_x509_create, hsm_client_x509_destroy,
                                                         hsm_client_x509_get_certificate, hsm_client_x509_get_key,
                                                         hsm_client_x509_get_common_name};

const HSM_CLIENT_X509_INTERFACE* hsm_client_x509_interface(void)
{
    return &x509_interface;
}

// Instances stand on their own: there is no system to begin or end.
int hsm_client_x509_init(void)
{
    return 0;
}

void hsm_client_x509_deinit(void) {}
