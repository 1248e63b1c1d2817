// The settings are those of wolfssl/options.h, and the app's own before them if it says that it has some.
#ifndef WOLFSSL_WOLFCRYPT_SETTINGS_H
#define WOLFSSL_WOLFCRYPT_SETTINGS_H

#ifdef WOLFSSL_USER_SETTINGS
#include "user_settings.h"
#endif

#include <wolfssl/options.h>
#include <wolfssl/version.h>

#endif
