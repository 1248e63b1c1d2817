// Hashes: those of the SDK's c-utility, and MD5, behind wolfCrypt's names.
#include <string.h>

#include <wolfssl/wolfcrypt/error-crypt.h>
#include <wolfssl/wolfcrypt/hash.h>

#include "azure_c_shared_utility/sha.h"
#include "md5.h"

_Static_assert(sizeof(MD5Context) <= sizeof(wc_Md5), "wc_Md5 is too small");
_Static_assert(sizeof(SHA1Context) <= sizeof(wc_Sha), "wc_Sha is too small");
_Static_assert(sizeof(SHA256Context) <= sizeof(wc_Sha256), "wc_Sha256 is too small");
_Static_assert(sizeof(SHA512Context) <= sizeof(wc_Sha512), "wc_Sha512 is too small");

// wolfCrypt's functions of one hash: its name in wolfCrypt, and in what does it. The last three are those of HASHES.
#define DEFINE_HASH(NAME, OTHER) \
    int wc_Init##NAME(wc_##NAME* hash) \
    { \
        return wc_Init##NAME##_ex(hash, NULL, INVALID_DEVID); \
    } \
    int wc_Init##NAME##_ex(wc_##NAME* hash, void* heap, int device) \
    { \
        (void)heap; \
        (void)device; \
        if (hash == NULL) \
        { \
            return BAD_FUNC_ARG; \
        } \
        (void)OTHER##Reset((OTHER##Context*)hash); \
        return 0; \
    } \
    int wc_##NAME##Update(wc_##NAME* hash, const byte* data, word32 size) \
    { \
        if (hash == NULL || (data == NULL && size > 0)) \
        { \
            return BAD_FUNC_ARG; \
        } \
        if (size > 0) \
        { \
            (void)OTHER##Input((OTHER##Context*)hash, data, size); \
        } \
        return 0; \
    } \
    int wc_##NAME##GetHash(wc_##NAME* hash, byte* digest) \
    { \
        wc_##NAME copy; \
        if (hash == NULL || digest == NULL) \
        { \
            return BAD_FUNC_ARG; \
        } \
        copy = *hash; \
        (void)OTHER##Result((OTHER##Context*)&copy, digest); \
        return 0; \
    } \
    int wc_##NAME##Final(wc_##NAME* hash, byte* digest) \
    { \
        int result = wc_##NAME##GetHash(hash, digest); \
        return result == 0 ? wc_Init##NAME(hash) : result; \
    } \
    int wc_##NAME##Copy(wc_##NAME* from, wc_##NAME* to) \
    { \
        if (from == NULL || to == NULL) \
        { \
            return BAD_FUNC_ARG; \
        } \
        *to = *from; \
        return 0; \
    } \
    void wc_##NAME##Free(wc_##NAME* hash) \
    { \
        (void)hash; \
    } \
    int wc_##NAME##Hash(const byte* data, word32 size, byte* hash) \
    { \
        wc_##NAME state; \
        int result = wc_Init##NAME(&state); \
        result = result == 0 ? wc_##NAME##Update(&state, data, size) : result; \
        return result == 0 ? wc_##NAME##GetHash(&state, hash) : result; \
    } \
    static int init_##NAME(void* hash) \
    { \
        return wc_Init##NAME(hash); \
    } \
    static int update_##NAME(void* hash, const byte* data, word32 size) \
    { \
        return wc_##NAME##Update(hash, data, size); \
    } \
    static int final_##NAME(void* hash, byte* digest) \
    { \
        return wc_##NAME##Final(hash, digest); \
    }

DEFINE_HASH(Md5, MD5)
DEFINE_HASH(Sha, SHA1)
DEFINE_HASH(Sha224, SHA224)
DEFINE_HASH(Sha256, SHA256)
DEFINE_HASH(Sha384, SHA384)
DEFINE_HASH(Sha512, SHA512)

typedef struct HASH_TAG
{
    enum wc_HashType type;
    int digest_size;
    int block_size;
    int (*init)(void* hash);
    int (*update)(void* hash, const byte* data, word32 size);
    int (*final)(void* hash, byte* digest);
} HASH;

#define HASH_OF(NAME, PREFIX) \
    { \
        PREFIX, PREFIX##_DIGEST_SIZE, PREFIX##_BLOCK_SIZE, init_##NAME, update_##NAME, final_##NAME \
    }

static const HASH HASHES[] = {HASH_OF(Md5, WC_MD5),       HASH_OF(Sha, WC_SHA),       HASH_OF(Sha224, WC_SHA224),
                              HASH_OF(Sha256, WC_SHA256), HASH_OF(Sha384, WC_SHA384), HASH_OF(Sha512, WC_SHA512)};

static const HASH* find_hash(enum wc_HashType type)
{
    for (size_t i = 0; i < sizeof(HASHES) / sizeof(HASHES[0]); i++)
    {
        if (HASHES[i].type == type)
        {
            return &HASHES[i];
        }
    }
    return NULL;
}

int wc_HashGetDigestSize(enum wc_HashType type)
{
    const HASH* kind = find_hash(type);
    return kind == NULL ? HASH_TYPE_E : kind->digest_size;
}

int wc_HashGetBlockSize(enum wc_HashType type)
{
    const HASH* kind = find_hash(type);
    return kind == NULL ? HASH_TYPE_E : kind->block_size;
}

int wc_HashInit(wc_HashAlg* hash, enum wc_HashType type)
{
    const HASH* kind = find_hash(type);
    return kind == NULL ? HASH_TYPE_E : kind->init(hash);
}

int wc_HashUpdate(wc_HashAlg* hash, enum wc_HashType type, const byte* data, word32 size)
{
    const HASH* kind = find_hash(type);
    return kind == NULL ? HASH_TYPE_E : kind->update(hash, data, size);
}

int wc_HashFinal(wc_HashAlg* hash, enum wc_HashType type, byte* digest)
{
    const HASH* kind = find_hash(type);
    return kind == NULL ? HASH_TYPE_E : kind->final(hash, digest);
}

int wc_HashFree(wc_HashAlg* hash, enum wc_HashType type)
{
    return hash == NULL ? BAD_FUNC_ARG : (find_hash(type) == NULL ? HASH_TYPE_E : 0);
}

int wc_Hash(enum wc_HashType type, const byte* data, word32 size, byte* hash, word32 hash_size)
{
    wc_HashAlg state;
    int result = wc_HashInit(&state, type);
    if (result == 0 && hash_size < (word32)wc_HashGetDigestSize(type))
    {
        result = BUFFER_E;
    }
    result = result == 0 ? wc_HashUpdate(&state, type, data, size) : result;
    return result == 0 ? wc_HashFinal(&state, type, hash) : result;
}
