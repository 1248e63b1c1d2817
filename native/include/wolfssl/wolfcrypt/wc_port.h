// The library as a whole.
#ifndef WOLFSSL_WOLFCRYPT_WC_PORT_H
#define WOLFSSL_WOLFCRYPT_WC_PORT_H

#include <wolfssl/wolfcrypt/types.h>

#ifdef __cplusplus
extern "C" {
#endif

// 0.
int wolfCrypt_Init(void);
int wolfCrypt_Cleanup(void);

#ifdef __cplusplus
}
#endif

#endif
