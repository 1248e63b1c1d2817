// Hashes and HMAC: those of the SDK's c-utility, behind wolfCrypt's names.
#include <string.h>

#include <wolfssl/wolfcrypt/error-crypt.h>
#include <wolfssl/wolfcrypt/hash.h>
#include <wolfssl/wolfcrypt/hmac.h>

#include "azure_c_shared_utility/sha.h"

_Static_assert(sizeof(SHA1Context) <= sizeof(wc_Sha), "wc_Sha is too small");
_Static_assert(sizeof(SHA256Context) <= sizeof(wc_Sha256), "wc_Sha256 is too small");
_Static_assert(sizeof(SHA512Context) <= sizeof(wc_Sha512), "wc_Sha512 is too small");
_Static_assert(sizeof(HMACContext) * 2 + sizeof(int) <= sizeof(Hmac), "Hmac is too small");

// wolfCrypt's functions of one hash: its name in wolfCrypt, and in c-utility.
#define DEFINE_HASH(NAME, OTHER)                                                    \
    int wc_Init##NAME(wc_##NAME* hash)                                              \
    {                                                                               \
        return wc_Init##NAME##_ex(hash, NULL, INVALID_DEVID);                       \
    }                                                                               \
    int wc_Init##NAME##_ex(wc_##NAME* hash, void* heap, int device)                 \
    {                                                                               \
        (void)heap;                                                                 \
        (void)device;                                                               \
        if (hash == NULL)                                                           \
        {                                                                           \
            return BAD_FUNC_ARG;                                                    \
        }                                                                           \
        (void)OTHER##Reset((OTHER##Context*)hash);                                  \
        return 0;                                                                   \
    }                                                                               \
    int wc_##NAME##Update(wc_##NAME* hash, const byte* data, word32 size)           \
    {                                                                               \
        if (hash == NULL || (data == NULL && size > 0))                             \
        {                                                                           \
            return BAD_FUNC_ARG;                                                    \
        }                                                                           \
        if (size > 0)                                                               \
        {                                                                           \
            (void)OTHER##Input((OTHER##Context*)hash, data, size);                  \
        }                                                                           \
        return 0;                                                                   \
    }                                                                               \
    int wc_##NAME##GetHash(wc_##NAME* hash, byte* digest)                           \
    {                                                                               \
        wc_##NAME copy;                                                             \
        if (hash == NULL || digest == NULL)                                         \
        {                                                                           \
            return BAD_FUNC_ARG;                                                    \
        }                                                                           \
        copy = *hash;                                                               \
        (void)OTHER##Result((OTHER##Context*)&copy, digest);                        \
        return 0;                                                                   \
    }                                                                               \
    int wc_##NAME##Final(wc_##NAME* hash, byte* digest)                             \
    {                                                                               \
        int result = wc_##NAME##GetHash(hash, digest);                              \
        return result == 0 ? wc_Init##NAME(hash) : result;                          \
    }                                                                               \
    int wc_##NAME##Copy(wc_##NAME* from, wc_##NAME* to)                             \
    {                                                                               \
        if (from == NULL || to == NULL)                                             \
        {                                                                           \
            return BAD_FUNC_ARG;                                                    \
        }                                                                           \
        *to = *from;                                                                \
        return 0;                                                                   \
    }                                                                               \
    void wc_##NAME##Free(wc_##NAME* hash)                                           \
    {                                                                               \
        (void)hash;                                                                 \
    }                                                                               \
    int wc_##NAME##Hash(const byte* data, word32 size, byte* hash)                  \
    {                                                                               \
        wc_##NAME state;                                                            \
        int result = wc_Init##NAME(&state);                                         \
        result = result == 0 ? wc_##NAME##Update(&state, data, size) : result;      \
        return result == 0 ? wc_##NAME##GetHash(&state, hash) : result;             \
    }

DEFINE_HASH(Sha, SHA1)
DEFINE_HASH(Sha224, SHA224)
DEFINE_HASH(Sha256, SHA256)
DEFINE_HASH(Sha384, SHA384)
DEFINE_HASH(Sha512, SHA512)

int wc_HashGetDigestSize(enum wc_HashType type)
{
    switch (type)
    {
        case WC_HASH_TYPE_SHA:
            return WC_SHA_DIGEST_SIZE;
        case WC_HASH_TYPE_SHA224:
            return WC_SHA224_DIGEST_SIZE;
        case WC_HASH_TYPE_SHA256:
            return WC_SHA256_DIGEST_SIZE;
        case WC_HASH_TYPE_SHA384:
            return WC_SHA384_DIGEST_SIZE;
        case WC_HASH_TYPE_SHA512:
            return WC_SHA512_DIGEST_SIZE;
        default:
            return HASH_TYPE_E;
    }
}

int wc_Hash(enum wc_HashType type, const byte* data, word32 size, byte* hash, word32 hash_size)
{
    int needed = wc_HashGetDigestSize(type);
    if (needed < 0)
    {
        return needed;
    }
    if (hash_size < (word32)needed)
    {
        return BUFFER_E;
    }
    switch (type)
    {
        case WC_HASH_TYPE_SHA:
            return wc_ShaHash(data, size, hash);
        case WC_HASH_TYPE_SHA224:
            return wc_Sha224Hash(data, size, hash);
        case WC_HASH_TYPE_SHA256:
            return wc_Sha256Hash(data, size, hash);
        case WC_HASH_TYPE_SHA384:
            return wc_Sha384Hash(data, size, hash);
        default:
            return wc_Sha512Hash(data, size, hash);
    }
}

// ---- HMAC

// With the state as the key has left it, so that the next message can begin.
typedef struct HMAC_STATE_TAG
{
    HMACContext now;
    HMACContext fresh;
    int digest_size;
} HMAC_STATE;

int wc_HmacInit(Hmac* hmac, void* heap, int device)
{
    (void)heap;
    (void)device;
    if (hmac == NULL)
    {
        return BAD_FUNC_ARG;
    }
    (void)memset(hmac, 0, sizeof(*hmac));
    return 0;
}

int wc_HmacSetKey(Hmac* hmac, int type, const byte* key, word32 size)
{
    static const byte none[1];
    static const SHAversion versions[] = {SHA1, SHA224, SHA256, SHA384, SHA512};
    HMAC_STATE* state = (HMAC_STATE*)hmac;
    if (hmac == NULL || (key == NULL && size > 0) || wc_HashGetDigestSize(type) < 0)
    {
        return BAD_FUNC_ARG;
    }
    (void)hmacReset(&state->fresh, versions[type - WC_HASH_TYPE_SHA], key == NULL ? none : key, (int)size);
    state->now = state->fresh;
    state->digest_size = wc_HashGetDigestSize(type);
    return 0;
}

int wc_HmacUpdate(Hmac* hmac, const byte* data, word32 size)
{
    HMAC_STATE* state = (HMAC_STATE*)hmac;
    if (hmac == NULL || (data == NULL && size > 0) || state->digest_size == 0)
    {
        return BAD_FUNC_ARG;
    }
    if (size > 0)
    {
        (void)hmacInput(&state->now, data, (int)size);
    }
    return 0;
}

int wc_HmacFinal(Hmac* hmac, byte* mac)
{
    HMAC_STATE* state = (HMAC_STATE*)hmac;
    uint8_t digest[USHAMaxHashSize];
    if (hmac == NULL || mac == NULL || state->digest_size == 0)
    {
        return BAD_FUNC_ARG;
    }
    (void)hmacResult(&state->now, digest);
    (void)memcpy(mac, digest, (size_t)state->digest_size);
    state->now = state->fresh;
    return 0;
}

void wc_HmacFree(Hmac* hmac)
{
    if (hmac != NULL)
    {
        (void)memset(hmac, 0, sizeof(*hmac)); // the key
    }
}
