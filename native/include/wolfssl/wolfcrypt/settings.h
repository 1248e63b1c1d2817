// The settings are those of wolfssl/options.h.
#ifndef WOLFSSL_WOLFCRYPT_SETTINGS_H
#define WOLFSSL_WOLFCRYPT_SETTINGS_H

#include <wolfssl/options.h>
#include <wolfssl/version.h>

#endif
