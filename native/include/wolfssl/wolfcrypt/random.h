// Random numbers: the host's.
#ifndef WOLFSSL_WOLFCRYPT_RANDOM_H
#define WOLFSSL_WOLFCRYPT_RANDOM_H

#include <wolfssl/wolfcrypt/types.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct WC_RNG
{
    int device;
} WC_RNG;
typedef WC_RNG RNG;

// 0, or BAD_FUNC_ARG.
int wc_InitRng(WC_RNG* rng);
int wc_InitRng_ex(WC_RNG* rng, void* heap, int device);
int wc_FreeRng(WC_RNG* rng);
// NULL: there is no memory. wc_rng_free frees it. The nonce adds nothing here.
WC_RNG* wc_rng_new(byte* nonce, word32 size, void* heap);
void wc_rng_free(WC_RNG* rng);
int wc_RNG_GenerateBlock(WC_RNG* rng, byte* bytes, word32 size);
int wc_RNG_GenerateByte(WC_RNG* rng, byte* one);

#ifdef __cplusplus
}
#endif

#endif
