// AES, and ChaCha20 with Poly1305: the host's.
#include <string.h>

#include <wolfssl/wolfcrypt/aes.h>
#include <wolfssl/wolfcrypt/chacha20_poly1305.h>
#include <wolfssl/wolfcrypt/error-crypt.h>

#include "host.h"

// What GCM allows.
#define LEAST_TAG_SIZE 4

static int result_of(int host, int wrong_tag)
{
    return host == 0 ? 0 : (host == HOST_ERROR_ACCESS ? wrong_tag : BAD_FUNC_ARG);
}

int wc_AesInit(Aes* aes, void* heap, int device)
{
    (void)heap;
    (void)device;
    if (aes == NULL)
    {
        return BAD_FUNC_ARG;
    }
    (void)memset(aes, 0, sizeof(*aes));
    return 0;
}

void wc_AesFree(Aes* aes)
{
    if (aes != NULL)
    {
        (void)memset(aes, 0, sizeof(*aes)); // the key
    }
}

int wc_AesSetIV(Aes* aes, const byte* iv)
{
    if (aes == NULL)
    {
        return BAD_FUNC_ARG;
    }
    (void)memset(aes->iv, 0, sizeof(aes->iv));
    if (iv != NULL)
    {
        (void)memcpy(aes->iv, iv, sizeof(aes->iv));
    }
    aes->counted = 0;
    return 0;
}

int wc_AesSetKey(Aes* aes, const byte* key, word32 size, const byte* iv, int direction)
{
    (void)direction;
    if (aes == NULL || key == NULL || (size != AES_128_KEY_SIZE && size != AES_192_KEY_SIZE && size != AES_256_KEY_SIZE))
    {
        return BAD_FUNC_ARG;
    }
    (void)memcpy(aes->key, key, size);
    aes->key_size = size;
    return wc_AesSetIV(aes, iv);
}

int wc_AesSetKeyDirect(Aes* aes, const byte* key, word32 size, const byte* iv, int direction)
{
    return wc_AesSetKey(aes, key, size, iv, direction);
}

static int cbc(Aes* aes, byte* out, const byte* in, word32 size, int decrypts)
{
    byte last[AES_BLOCK_SIZE];
    HOST_CIPHER_REQUEST request = {
        .cipher = HOST_CIPHER_AES_CBC, .decrypts = (uint32_t)decrypts, .in = in, .size = size, .out = out};
    int result;
    if (aes == NULL || out == NULL || in == NULL || size % AES_BLOCK_SIZE != 0)
    {
        return BAD_FUNC_ARG;
    }
    if (size == 0)
    {
        return 0;
    }
    request.key = aes->key;
    request.key_size = aes->key_size;
    request.iv = aes->iv;
    request.iv_size = sizeof(aes->iv);
    // The next call goes on from the last block that is encrypted.
    (void)memcpy(last, in + size - AES_BLOCK_SIZE, sizeof(last));
    result = result_of(host_cipher(&request), BAD_FUNC_ARG);
    if (result == 0)
    {
        (void)memcpy(aes->iv, decrypts ? last : out + size - AES_BLOCK_SIZE, sizeof(aes->iv));
    }
    return result;
}

int wc_AesCbcEncrypt(Aes* aes, byte* out, const byte* in, word32 size)
{
    return cbc(aes, out, in, size, 0);
}

int wc_AesCbcDecrypt(Aes* aes, byte* out, const byte* in, word32 size)
{
    return cbc(aes, out, in, size, 1);
}

// Counts `blocks` further: the counter is a number of 128 bits, the highest byte first.
static void count(byte* counter, word32 blocks)
{
    word64 carry = blocks;
    for (int i = AES_BLOCK_SIZE - 1; i >= 0 && carry > 0; i--)
    {
        carry += counter[i];
        counter[i] = (byte)carry;
        carry >>= 8;
    }
}

// Encrypts what begins `aes->counted` bytes after the begin of the counter's block.
static int counted(Aes* aes, byte* out, const byte* in, word32 size)
{
    HOST_CIPHER_REQUEST request = {.cipher = HOST_CIPHER_AES_CTR,
                                   .key = aes->key,
                                   .key_size = aes->key_size,
                                   .iv = aes->iv,
                                   .iv_size = sizeof(aes->iv),
                                   .in = in,
                                   .size = size,
                                   .out = out};
    int result = result_of(host_cipher(&request), BAD_FUNC_ARG);
    if (result == 0)
    {
        count(aes->iv, size / AES_BLOCK_SIZE);
        aes->counted = size % AES_BLOCK_SIZE;
    }
    return result;
}

int wc_AesCtrEncrypt(Aes* aes, byte* out, const byte* in, word32 size)
{
    if (aes == NULL || ((out == NULL || in == NULL) && size > 0))
    {
        return BAD_FUNC_ARG;
    }
    // The rest of a block that an earlier call began.
    if (aes->counted > 0 && size > 0)
    {
        byte block[AES_BLOCK_SIZE] = {0};
        word32 begun = aes->counted;
        word32 part = AES_BLOCK_SIZE - begun < size ? AES_BLOCK_SIZE - begun : size;
        int result;
        (void)memcpy(block + begun, in, part);
        result = counted(aes, block, block, begun + part);
        if (result != 0)
        {
            return result;
        }
        (void)memcpy(out, block + begun, part);
        in += part;
        out += part;
        size -= part;
    }
    return size == 0 ? 0 : counted(aes, out, in, size);
}

int wc_AesGcmSetKey(Aes* aes, const byte* key, word32 size)
{
    return wc_AesSetKey(aes, key, size, NULL, AES_ENCRYPTION);
}

static int gcm(Aes* aes, HOST_CIPHER_REQUEST* request)
{
    if (aes == NULL || (request->in == NULL && request->size > 0) || (request->out == NULL && request->size > 0) ||
        request->iv == NULL || request->iv_size == 0 || request->tag == NULL || request->tag_size < LEAST_TAG_SIZE ||
        request->tag_size > AES_BLOCK_SIZE || (request->data == NULL && request->data_size > 0))
    {
        return BAD_FUNC_ARG;
    }
    request->cipher = HOST_CIPHER_AES_GCM;
    request->key = aes->key;
    request->key_size = aes->key_size;
    return result_of(host_cipher(request), AES_GCM_AUTH_E);
}

int wc_AesGcmEncrypt(Aes* aes, byte* out, const byte* in, word32 size, const byte* iv, word32 iv_size, byte* tag,
                     word32 tag_size, const byte* data, word32 data_size)
{
    HOST_CIPHER_REQUEST request = {.iv = iv,
                                   .iv_size = iv_size,
                                   .data = data,
                                   .data_size = data_size,
                                   .in = in,
                                   .size = size,
                                   .out = out,
                                   .tag = tag,
                                   .tag_size = tag_size};
    return gcm(aes, &request);
}

int wc_AesGcmDecrypt(Aes* aes, byte* out, const byte* in, word32 size, const byte* iv, word32 iv_size, const byte* tag,
                     word32 tag_size, const byte* data, word32 data_size)
{
    HOST_CIPHER_REQUEST request = {.decrypts = 1,
                                   .iv = iv,
                                   .iv_size = iv_size,
                                   .data = data,
                                   .data_size = data_size,
                                   .in = in,
                                   .size = size,
                                   .out = out,
                                   .tag = (void*)tag,
                                   .tag_size = tag_size};
    return gcm(aes, &request);
}

static int chacha(HOST_CIPHER_REQUEST* request)
{
    if (request->key == NULL || request->iv == NULL || request->tag == NULL || request->in == NULL || request->out == NULL ||
        (request->data == NULL && request->data_size > 0))
    {
        return BAD_FUNC_ARG;
    }
    request->cipher = HOST_CIPHER_CHACHA20_POLY1305;
    request->key_size = CHACHA20_POLY1305_AEAD_KEYSIZE;
    request->iv_size = CHACHA20_POLY1305_AEAD_IV_SIZE;
    request->tag_size = CHACHA20_POLY1305_AEAD_AUTHTAG_SIZE;
    return result_of(host_cipher(request), MAC_CMP_FAILED_E);
}

int wc_ChaCha20Poly1305_Encrypt(const byte* key, const byte* iv, const byte* data, word32 data_size, const byte* in,
                                word32 size, byte* out, byte* tag)
{
    HOST_CIPHER_REQUEST request = {
        .key = key, .iv = iv, .data = data, .data_size = data_size, .in = in, .size = size, .out = out, .tag = tag};
    return chacha(&request);
}

int wc_ChaCha20Poly1305_Decrypt(const byte* key, const byte* iv, const byte* data, word32 data_size, const byte* in,
                                word32 size, const byte* tag, byte* out)
{
    HOST_CIPHER_REQUEST request = {.decrypts = 1,
                                   .key = key,
                                   .iv = iv,
                                   .data = data,
                                   .data_size = data_size,
                                   .in = in,
                                   .size = size,
                                   .out = out,
                                   .tag = (void*)tag};
    return chacha(&request);
}
