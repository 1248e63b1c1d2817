// Certificates that an app looks into.
#ifndef SPHERE_IOT_WOLFSSL_X509_H
#define SPHERE_IOT_WOLFSSL_X509_H

#include <stddef.h>

#include "objects.h"

// A certificate of its DER, on the heap, which becomes the certificate's; NULL: there is no memory. wolfSSL_X509_free frees it.
WOLFSSL_X509* x509_of(unsigned char* der, size_t size);

#endif
