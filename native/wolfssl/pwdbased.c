// PBKDF2 (RFC 8018).
#include <wolfssl/wolfcrypt/pwdbased.h>

#include <wolfssl/wolfcrypt/error-crypt.h>

int wc_PBKDF2(byte* key, const byte* password, int password_size, const byte* salt, int salt_size, int iterations, int key_size,
              int type)
{
    Hmac hmac;
    int digest_size = wc_HashGetDigestSize((enum wc_HashType)type);
    if (key == NULL || key_size < 0 || password_size < 0 || salt_size < 0 || (salt == NULL && salt_size > 0) ||
        wc_HmacSetKey(&hmac, type, password, (word32)password_size) != 0)
    {
        return BAD_FUNC_ARG;
    }
    for (int done = 0; done < key_size; done += digest_size)
    {
        byte digest[WC_MAX_DIGEST_SIZE];
        byte sum[WC_MAX_DIGEST_SIZE];
        word32 block = (word32)(done / digest_size) + 1;
        const byte number[4] = {(byte)(block >> 24), (byte)(block >> 16), (byte)(block >> 8), (byte)block};
        (void)wc_HmacUpdate(&hmac, salt, (word32)salt_size);
        (void)wc_HmacUpdate(&hmac, number, sizeof(number));
        (void)wc_HmacFinal(&hmac, digest);
        (void)memcpy(sum, digest, sizeof(sum));
        for (int i = 1; i < iterations; i++)
        {
            (void)wc_HmacUpdate(&hmac, digest, (word32)digest_size);
            (void)wc_HmacFinal(&hmac, digest);
            for (int j = 0; j < digest_size; j++)
            {
                sum[j] ^= digest[j];
            }
        }
        (void)memcpy(key + done, sum, (size_t)(key_size - done < digest_size ? key_size - done : digest_size));
    }
    return 0;
}
