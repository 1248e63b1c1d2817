// HMAC.
#ifndef WOLFSSL_WOLFCRYPT_HMAC_H
#define WOLFSSL_WOLFCRYPT_HMAC_H

#include <wolfssl/wolfcrypt/hash.h>

#ifdef __cplusplus
extern "C" {
#endif

enum
{
    WC_HMAC_BLOCK_SIZE = WC_SHA512_BLOCK_SIZE,
    WC_MAX_DIGEST_SIZE = WC_SHA512_DIGEST_SIZE
};

// The state may be copied, and need not be freed.
typedef struct Hmac
{
    word64 state[128];
} Hmac;

int wc_HmacInit(Hmac* hmac, void* heap, int device);
// `type`: WC_SHA, WC_SHA256 and their like. 0, BAD_FUNC_ARG.
int wc_HmacSetKey(Hmac* hmac, int type, const byte* key, word32 size);
int wc_HmacUpdate(Hmac* hmac, const byte* data, word32 size);
// After it the same key begins anew.
int wc_HmacFinal(Hmac* hmac, byte* mac);
void wc_HmacFree(Hmac* hmac);

#ifdef __cplusplus
}
#endif

#endif
