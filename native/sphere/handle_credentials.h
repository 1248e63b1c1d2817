// Which credential binding (host.h) each client handle uses, and what decides whether it may still be overridden.
#ifndef SPHERE_IOT_HANDLE_CREDENTIALS_H
#define SPHERE_IOT_HANDLE_CREDENTIALS_H

#include <stdbool.h>

typedef struct HANDLE_CREDENTIAL_TAG
{
    void* handle;
    int service; // HOST_SERVICE_…
    int binding;
    char* id;             // the hub's device id; DPS's registration id, NULL until it is set
    bool registering;     // DPS: Prov_Device_LL_Register_Device was called
    bool own_certificate; // DPS: the app set a certificate or a key by option, which is used in the place of the binding's
    struct HANDLE_CREDENTIAL_TAG* next;
} HANDLE_CREDENTIAL;

// What is known of a live handle of that service that was created with device authentication; NULL if nothing is.
const HANDLE_CREDENTIAL* handle_credentials_find(const void* handle, int service);

#endif
