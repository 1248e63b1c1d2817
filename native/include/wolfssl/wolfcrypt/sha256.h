// SHA-256 and SHA-224.
#ifndef WOLFSSL_WOLFCRYPT_SHA256_H
#define WOLFSSL_WOLFCRYPT_SHA256_H

#include <wolfssl/wolfcrypt/types.h>

#ifdef __cplusplus
extern "C" {
#endif

// SHA-256
enum
{
    WC_SHA256 = WC_HASH_TYPE_SHA256,
    WC_SHA256_BLOCK_SIZE = 64,
    WC_SHA256_DIGEST_SIZE = 32
};
// The state may be copied, and need not be freed.
typedef struct wc_Sha256
{
    word64 state[32];
} wc_Sha256;
typedef wc_Sha256 Sha256;
#define SHA256_DIGEST_SIZE WC_SHA256_DIGEST_SIZE
#define SHA256_BLOCK_SIZE WC_SHA256_BLOCK_SIZE
// 0, or BAD_FUNC_ARG. After Final the state is that of a new hash; GetHash leaves it as it is.
int wc_InitSha256(wc_Sha256* hash);
int wc_InitSha256_ex(wc_Sha256* hash, void* heap, int device);
int wc_Sha256Update(wc_Sha256* hash, const byte* data, word32 size);
int wc_Sha256Final(wc_Sha256* hash, byte* digest);
int wc_Sha256GetHash(wc_Sha256* hash, byte* digest);
int wc_Sha256Copy(wc_Sha256* from, wc_Sha256* to);
void wc_Sha256Free(wc_Sha256* hash);

// SHA-224
enum
{
    WC_SHA224 = WC_HASH_TYPE_SHA224,
    WC_SHA224_BLOCK_SIZE = 64,
    WC_SHA224_DIGEST_SIZE = 28
};
typedef wc_Sha256 wc_Sha224;
typedef wc_Sha224 Sha224;
#define SHA224_DIGEST_SIZE WC_SHA224_DIGEST_SIZE
// 0, or BAD_FUNC_ARG. After Final the state is that of a new hash; GetHash leaves it as it is.
int wc_InitSha224(wc_Sha224* hash);
int wc_InitSha224_ex(wc_Sha224* hash, void* heap, int device);
int wc_Sha224Update(wc_Sha224* hash, const byte* data, word32 size);
int wc_Sha224Final(wc_Sha224* hash, byte* digest);
int wc_Sha224GetHash(wc_Sha224* hash, byte* digest);
int wc_Sha224Copy(wc_Sha224* from, wc_Sha224* to);
void wc_Sha224Free(wc_Sha224* hash);

#ifdef __cplusplus
}
#endif

#endif
