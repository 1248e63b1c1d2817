// The version whose calls sphere-iot provides: that of the last Azure Sphere SDKs, as far as is public.
#ifndef WOLFSSL_VERSION_H
#define WOLFSSL_VERSION_H

#define LIBWOLFSSL_VERSION_STRING "5.0.0"
#define LIBWOLFSSL_VERSION_HEX 0x05000000

#endif
