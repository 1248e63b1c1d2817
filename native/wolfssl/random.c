// Random numbers.
#include <wolfssl/wolfcrypt/random.h>

#include <wolfssl/wolfcrypt/error-crypt.h>

#include "host.h"

int wc_InitRng(WC_RNG* rng)
{
    return wc_InitRng_ex(rng, NULL, INVALID_DEVID);
}

int wc_InitRng_ex(WC_RNG* rng, void* heap, int device)
{
    (void)heap;
    if (rng == NULL)
    {
        return BAD_FUNC_ARG;
    }
    rng->device = device;
    return 0;
}

int wc_FreeRng(WC_RNG* rng)
{
    return rng == NULL ? BAD_FUNC_ARG : 0;
}

WC_RNG* wc_rng_new(byte* nonce, word32 size, void* heap)
{
    WC_RNG* rng = malloc(sizeof(*rng));
    (void)nonce;
    (void)size;
    (void)wc_InitRng_ex(rng, heap, INVALID_DEVID); // without memory it does nothing
    return rng;
}

void wc_rng_free(WC_RNG* rng)
{
    free(rng);
}

int wc_RNG_GenerateBlock(WC_RNG* rng, byte* bytes, word32 size)
{
    if (rng == NULL || bytes == NULL)
    {
        return BAD_FUNC_ARG;
    }
    host_random_bytes(bytes, size);
    return 0;
}

int wc_RNG_GenerateByte(WC_RNG* rng, byte* one)
{
    return wc_RNG_GenerateBlock(rng, one, 1);
}
