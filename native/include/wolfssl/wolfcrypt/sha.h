// SHA-1.
#ifndef WOLFSSL_WOLFCRYPT_SHA_H
#define WOLFSSL_WOLFCRYPT_SHA_H

#include <wolfssl/wolfcrypt/types.h>

#ifdef __cplusplus
extern "C" {
#endif

// SHA-1
enum
{
    WC_SHA = WC_HASH_TYPE_SHA,
    WC_SHA_BLOCK_SIZE = 64,
    WC_SHA_DIGEST_SIZE = 20
};
// The state may be copied, and need not be freed.
typedef struct wc_Sha
{
    word64 state[32];
} wc_Sha;
typedef wc_Sha Sha;
#define SHA_DIGEST_SIZE WC_SHA_DIGEST_SIZE
#define SHA_BLOCK_SIZE WC_SHA_BLOCK_SIZE
// 0, or BAD_FUNC_ARG. After Final the state is that of a new hash; GetHash leaves it as it is.
int wc_InitSha(wc_Sha* hash);
int wc_InitSha_ex(wc_Sha* hash, void* heap, int device);
int wc_ShaUpdate(wc_Sha* hash, const byte* data, word32 size);
int wc_ShaFinal(wc_Sha* hash, byte* digest);
int wc_ShaGetHash(wc_Sha* hash, byte* digest);
int wc_ShaCopy(wc_Sha* from, wc_Sha* to);
void wc_ShaFree(wc_Sha* hash);

#ifdef __cplusplus
}
#endif

#endif
