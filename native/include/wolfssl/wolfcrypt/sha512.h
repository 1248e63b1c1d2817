// SHA-512 and SHA-384.
#ifndef WOLFSSL_WOLFCRYPT_SHA512_H
#define WOLFSSL_WOLFCRYPT_SHA512_H

#include <wolfssl/wolfcrypt/types.h>

#ifdef __cplusplus
extern "C" {
#endif

// SHA-512
enum
{
    WC_SHA512 = WC_HASH_TYPE_SHA512,
    WC_SHA512_BLOCK_SIZE = 128,
    WC_SHA512_DIGEST_SIZE = 64
};
// The state may be copied, and need not be freed.
typedef struct wc_Sha512
{
    word64 state[32];
} wc_Sha512;
typedef wc_Sha512 Sha512;
#define SHA512_DIGEST_SIZE WC_SHA512_DIGEST_SIZE
// 0, or BAD_FUNC_ARG. After Final the state is that of a new hash; GetHash leaves it as it is.
int wc_InitSha512(wc_Sha512* hash);
int wc_InitSha512_ex(wc_Sha512* hash, void* heap, int device);
int wc_Sha512Update(wc_Sha512* hash, const byte* data, word32 size);
int wc_Sha512Final(wc_Sha512* hash, byte* digest);
int wc_Sha512GetHash(wc_Sha512* hash, byte* digest);
int wc_Sha512Copy(wc_Sha512* from, wc_Sha512* to);
void wc_Sha512Free(wc_Sha512* hash);

// SHA-384
enum
{
    WC_SHA384 = WC_HASH_TYPE_SHA384,
    WC_SHA384_BLOCK_SIZE = 128,
    WC_SHA384_DIGEST_SIZE = 48
};
typedef wc_Sha512 wc_Sha384;
typedef wc_Sha384 Sha384;
#define SHA384_DIGEST_SIZE WC_SHA384_DIGEST_SIZE
// 0, or BAD_FUNC_ARG. After Final the state is that of a new hash; GetHash leaves it as it is.
int wc_InitSha384(wc_Sha384* hash);
int wc_InitSha384_ex(wc_Sha384* hash, void* heap, int device);
int wc_Sha384Update(wc_Sha384* hash, const byte* data, word32 size);
int wc_Sha384Final(wc_Sha384* hash, byte* digest);
int wc_Sha384GetHash(wc_Sha384* hash, byte* digest);
int wc_Sha384Copy(wc_Sha384* from, wc_Sha384* to);
void wc_Sha384Free(wc_Sha384* hash);

#ifdef __cplusplus
}
#endif

#endif
