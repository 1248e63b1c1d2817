// Which credential binding (host.h) each client handle uses.
#ifndef SPHERE_IOT_HANDLE_CREDENTIALS_H
#define SPHERE_IOT_HANDLE_CREDENTIALS_H

typedef struct HANDLE_CREDENTIAL_TAG
{
    void* handle;
    int binding;
    char* device_id; // hub handles only
    struct HANDLE_CREDENTIAL_TAG* next;
} HANDLE_CREDENTIAL;

// What is known of a live handle that was created with device authentication; NULL if nothing is.
const HANDLE_CREDENTIAL* handle_credentials_find(const void* handle);

#endif
