// Messages for debugging: there are none, as in a library that was built without them.
#ifndef WOLFSSL_WOLFCRYPT_LOGGING_H
#define WOLFSSL_WOLFCRYPT_LOGGING_H

#include <wolfssl/wolfcrypt/types.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef void (*wolfSSL_Logging_cb)(const int level, const char* const message);

#define WOLFSSL_MSG(message) ((void)0)
#define WOLFSSL_ENTER(function) ((void)0)
#define WOLFSSL_LEAVE(function, result) ((void)0)

// NOT_COMPILED_IN.
int wolfSSL_Debugging_ON(void);
void wolfSSL_Debugging_OFF(void);
int wolfSSL_SetLoggingCb(wolfSSL_Logging_cb log);

#ifdef __cplusplus
}
#endif

#endif
