// HMAC (RFC 2104), and the derivation of keys by it (HKDF, RFC 5869).
#include <wolfssl/wolfcrypt/hmac.h>

#include <wolfssl/wolfcrypt/error-crypt.h>

#define MAX_DIGESTS 255

static int digest_size_of(int type)
{
    return wc_HashGetDigestSize((enum wc_HashType)type);
}

int wc_HmacSizeByType(int type)
{
    int size = digest_size_of(type);
    return size < 0 ? BAD_FUNC_ARG : size;
}

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
    static const byte pads[2] = {0x36, 0x5c};
    byte block[2][WC_MAX_BLOCK_SIZE] = {{0}};
    enum wc_HashType hash = (enum wc_HashType)type;
    int block_size = wc_HashGetBlockSize(hash);
    if (hmac == NULL || (key == NULL && size > 0) || block_size < 0)
    {
        return BAD_FUNC_ARG;
    }
    if (size > (word32)block_size)
    {
        (void)wc_Hash(hash, key, size, block[0], sizeof(block[0]));
    }
    else if (size > 0)
    {
        (void)memcpy(block[0], key, size);
    }
    for (int i = 0; i < block_size; i++)
    {
        block[1][i] = block[0][i] ^ pads[1];
        block[0][i] ^= pads[0];
    }
    for (int i = 0; i < 2; i++)
    {
        (void)wc_HashInit(&hmac->begun[i], hash);
        (void)wc_HashUpdate(&hmac->begun[i], hash, block[i], (word32)block_size);
    }
    hmac->type = hash;
    hmac->inner = hmac->begun[0];
    return 0;
}

int wc_HmacUpdate(Hmac* hmac, const byte* data, word32 size)
{
    if (hmac == NULL || hmac->type == WC_HASH_TYPE_NONE)
    {
        return BAD_FUNC_ARG;
    }
    return wc_HashUpdate(&hmac->inner, hmac->type, data, size);
}

int wc_HmacFinal(Hmac* hmac, byte* mac)
{
    byte digest[WC_MAX_DIGEST_SIZE];
    wc_HashAlg outer;
    if (hmac == NULL || mac == NULL || hmac->type == WC_HASH_TYPE_NONE)
    {
        return BAD_FUNC_ARG;
    }
    (void)wc_HashFinal(&hmac->inner, hmac->type, digest);
    outer = hmac->begun[1];
    (void)wc_HashUpdate(&outer, hmac->type, digest, (word32)wc_HashGetDigestSize(hmac->type));
    (void)wc_HashFinal(&outer, hmac->type, mac);
    hmac->inner = hmac->begun[0];
    return 0;
}

void wc_HmacFree(Hmac* hmac)
{
    if (hmac != NULL)
    {
        (void)memset(hmac, 0, sizeof(*hmac)); // the key
    }
}

int wc_HKDF_Extract(int type, const byte* salt, word32 salt_size, const byte* key, word32 key_size, byte* out)
{
    Hmac hmac;
    int result = wc_HmacSetKey(&hmac, type, salt, salt == NULL ? 0 : salt_size);
    result = result == 0 ? wc_HmacUpdate(&hmac, key, key_size) : result;
    return result == 0 ? wc_HmacFinal(&hmac, out) : result;
}

int wc_HKDF_Expand(int type, const byte* key, word32 key_size, const byte* info, word32 info_size, byte* out, word32 out_size)
{
    Hmac hmac;
    byte digest[WC_MAX_DIGEST_SIZE];
    int result = wc_HmacSetKey(&hmac, type, key, key_size);
    word32 digest_size;
    if (result != 0 || out == NULL || (info == NULL && info_size > 0))
    {
        return BAD_FUNC_ARG;
    }
    digest_size = (word32)digest_size_of(type);
    if (out_size > MAX_DIGESTS * digest_size)
    {
        return BAD_FUNC_ARG;
    }
    for (word32 done = 0; done < out_size; done += digest_size)
    {
        byte count = (byte)(done / digest_size + 1);
        // Each digest goes into the next one.
        (void)wc_HmacUpdate(&hmac, digest, done == 0 ? 0 : digest_size);
        (void)wc_HmacUpdate(&hmac, info, info_size);
        (void)wc_HmacUpdate(&hmac, &count, 1);
        (void)wc_HmacFinal(&hmac, digest);
        (void)memcpy(out + done, digest, out_size - done < digest_size ? out_size - done : digest_size);
    }
    return 0;
}

int wc_HKDF(int type, const byte* key, word32 key_size, const byte* salt, word32 salt_size, const byte* info, word32 info_size,
            byte* out, word32 out_size)
{
    byte extracted[WC_MAX_DIGEST_SIZE];
    int result = wc_HKDF_Extract(type, salt, salt_size, key, key_size, extracted);
    return result == 0 ? wc_HKDF_Expand(type, extracted, (word32)digest_size_of(type), info, info_size, out, out_size) : result;
}
