// HMAC, and the derivation of keys by it (HKDF, RFC 5869).
#ifndef WOLFSSL_WOLFCRYPT_HMAC_H
#define WOLFSSL_WOLFCRYPT_HMAC_H

#include <wolfssl/wolfcrypt/hash.h>

#ifdef __cplusplus
extern "C" {
#endif

enum
{
    WC_HMAC_BLOCK_SIZE = WC_MAX_BLOCK_SIZE
};

// The state may be copied, and need not be freed.
typedef struct Hmac
{
    enum wc_HashType type; // WC_HASH_TYPE_NONE: there is no key yet
    wc_HashAlg begun[2];   // the inner hash and the outer one, as the key has left them
    wc_HashAlg inner;      // with the message up to here
} Hmac;

int wc_HmacInit(Hmac* hmac, void* heap, int device);
// `type`: WC_MD5, WC_SHA, WC_SHA256 and their like. 0, BAD_FUNC_ARG.
int wc_HmacSetKey(Hmac* hmac, int type, const byte* key, word32 size);
int wc_HmacUpdate(Hmac* hmac, const byte* data, word32 size);
// After it the same key begins anew.
int wc_HmacFinal(Hmac* hmac, byte* mac);
void wc_HmacFree(Hmac* hmac);
// Bytes of the hash; BAD_FUNC_ARG for one that is not there.
int wc_HmacSizeByType(int type);

// `out` gets `out_size` bytes, of at most 255 digests. `salt` and `info` may be NULL. 0, or BAD_FUNC_ARG.
int wc_HKDF(int type, const byte* key, word32 key_size, const byte* salt, word32 salt_size, const byte* info, word32 info_size,
            byte* out, word32 out_size);
// The two halves of it; `out` of the first gets a digest.
int wc_HKDF_Extract(int type, const byte* salt, word32 salt_size, const byte* key, word32 key_size, byte* out);
int wc_HKDF_Expand(int type, const byte* key, word32 key_size, const byte* info, word32 info_size, byte* out, word32 out_size);

#ifdef __cplusplus
}
#endif

#endif
