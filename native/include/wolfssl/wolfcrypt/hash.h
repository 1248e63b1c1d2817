// Hashes in one call.
#ifndef WOLFSSL_WOLFCRYPT_HASH_H
#define WOLFSSL_WOLFCRYPT_HASH_H

#include <wolfssl/wolfcrypt/sha.h>
#include <wolfssl/wolfcrypt/sha256.h>
#include <wolfssl/wolfcrypt/sha512.h>

#ifdef __cplusplus
extern "C" {
#endif

// Bytes of a hash; HASH_TYPE_E for one that is not there.
int wc_HashGetDigestSize(enum wc_HashType type);
// 0, BUFFER_E where `hash_size` is too small, HASH_TYPE_E, BAD_FUNC_ARG.
int wc_Hash(enum wc_HashType type, const byte* data, word32 size, byte* hash, word32 hash_size);
// 0, or BAD_FUNC_ARG.
int wc_ShaHash(const byte* data, word32 size, byte* hash);
int wc_Sha224Hash(const byte* data, word32 size, byte* hash);
int wc_Sha256Hash(const byte* data, word32 size, byte* hash);
int wc_Sha384Hash(const byte* data, word32 size, byte* hash);
int wc_Sha512Hash(const byte* data, word32 size, byte* hash);

#ifdef __cplusplus
}
#endif

#endif
