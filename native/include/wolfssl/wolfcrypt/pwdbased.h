// Keys from passwords (PBKDF2, RFC 8018). The other derivations are not there.
#ifndef WOLFSSL_WOLFCRYPT_PWDBASED_H
#define WOLFSSL_WOLFCRYPT_PWDBASED_H

#include <wolfssl/wolfcrypt/hmac.h>

#ifdef __cplusplus
extern "C" {
#endif

// `type`: WC_MD5, WC_SHA, WC_SHA256 and their like. Fewer than one iteration are one. 0, or BAD_FUNC_ARG.
int wc_PBKDF2(byte* key, const byte* password, int password_size, const byte* salt, int salt_size, int iterations, int key_size,
              int type);

#ifdef __cplusplus
}
#endif

#endif
