// Hashes in one call.
#ifndef WOLFSSL_WOLFCRYPT_HASH_H
#define WOLFSSL_WOLFCRYPT_HASH_H

#include <wolfssl/wolfcrypt/md5.h>
#include <wolfssl/wolfcrypt/sha.h>
#include <wolfssl/wolfcrypt/sha256.h>
#include <wolfssl/wolfcrypt/sha512.h>

#ifdef __cplusplus
extern "C" {
#endif

enum
{
    WC_MAX_BLOCK_SIZE = WC_SHA512_BLOCK_SIZE,
    WC_MAX_DIGEST_SIZE = WC_SHA512_DIGEST_SIZE
};

// A hash of any kind. The state may be copied, and need not be freed.
typedef union wc_HashAlg
{
    wc_Md5 md5;
    wc_Sha sha;
    wc_Sha224 sha224;
    wc_Sha256 sha256;
    wc_Sha384 sha384;
    wc_Sha512 sha512;
} wc_HashAlg;

// Bytes of a hash; HASH_TYPE_E for one that is not there.
int wc_HashGetDigestSize(enum wc_HashType type);
// 0, BUFFER_E where `hash_size` is too small, HASH_TYPE_E, BAD_FUNC_ARG.
int wc_Hash(enum wc_HashType type, const byte* data, word32 size, byte* hash, word32 hash_size);
// 0, HASH_TYPE_E, BAD_FUNC_ARG. After Final the state is that of a new hash.
int wc_HashInit(wc_HashAlg* hash, enum wc_HashType type);
int wc_HashUpdate(wc_HashAlg* hash, enum wc_HashType type, const byte* data, word32 size);
int wc_HashFinal(wc_HashAlg* hash, enum wc_HashType type, byte* digest);
int wc_HashFree(wc_HashAlg* hash, enum wc_HashType type);
// Bytes of the blocks in which it is worked out; HASH_TYPE_E.
int wc_HashGetBlockSize(enum wc_HashType type);
// 0, or BAD_FUNC_ARG.
int wc_Md5Hash(const byte* data, word32 size, byte* hash);
int wc_ShaHash(const byte* data, word32 size, byte* hash);
int wc_Sha224Hash(const byte* data, word32 size, byte* hash);
int wc_Sha256Hash(const byte* data, word32 size, byte* hash);
int wc_Sha384Hash(const byte* data, word32 size, byte* hash);
int wc_Sha512Hash(const byte* data, word32 size, byte* hash);

#ifdef __cplusplus
}
#endif

#endif
