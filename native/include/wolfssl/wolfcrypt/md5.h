// MD5.
#ifndef WOLFSSL_WOLFCRYPT_MD5_H
#define WOLFSSL_WOLFCRYPT_MD5_H

#include <wolfssl/wolfcrypt/types.h>

#ifdef __cplusplus
extern "C" {
#endif

enum
{
    WC_MD5 = WC_HASH_TYPE_MD5,
    WC_MD5_BLOCK_SIZE = 64,
    WC_MD5_DIGEST_SIZE = 16
};
// The state may be copied, and need not be freed.
typedef struct wc_Md5
{
    word64 state[12];
} wc_Md5;
typedef wc_Md5 Md5;
#define MD5_DIGEST_SIZE WC_MD5_DIGEST_SIZE
#define MD5_BLOCK_SIZE WC_MD5_BLOCK_SIZE
// 0, or BAD_FUNC_ARG. After Final the state is that of a new hash; GetHash leaves it as it is.
int wc_InitMd5(wc_Md5* hash);
int wc_InitMd5_ex(wc_Md5* hash, void* heap, int device);
int wc_Md5Update(wc_Md5* hash, const byte* data, word32 size);
int wc_Md5Final(wc_Md5* hash, byte* digest);
int wc_Md5GetHash(wc_Md5* hash, byte* digest);
int wc_Md5Copy(wc_Md5* from, wc_Md5* to);
void wc_Md5Free(wc_Md5* hash);

#ifdef __cplusplus
}
#endif

#endif
