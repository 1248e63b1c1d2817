// What CURLOPT_SSL_CTX_FUNCTION is given for its context, and CURLINFO_TLS_SSL_PTR gives.
#ifndef SPHERE_IOT_TLS_CONTEXT_H
#define SPHERE_IOT_TLS_CONTEXT_H

#include <stdbool.h>

typedef struct TLS_CONTEXT_TAG
{
    bool device_auth; // with the DAA certificate
} TLS_CONTEXT;

#endif
