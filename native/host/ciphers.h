// Ciphers. The other side: src/app/host/ciphers.ts.
#ifndef SPHERE_IOT_HOST_CIPHERS_H
#define SPHERE_IOT_HOST_CIPHERS_H

#include "host/core.h"

enum HOST_CIPHER
{
    HOST_CIPHER_AES_CBC = 0,
    HOST_CIPHER_AES_CTR = 1,
    HOST_CIPHER_AES_GCM = 2,
    HOST_CIPHER_CHACHA20_POLY1305 = 3
};
typedef struct HOST_CIPHER_REQUEST_TAG
{
    uint32_t cipher;
    uint32_t decrypts;
    const void* key;
    uint32_t key_size;
    const void* iv;
    uint32_t iv_size;
    const void* data; // that is authenticated
    uint32_t data_size;
    const void* in;
    uint32_t size; // of `in` and `out`
    void* out;     // may be `in`
    void* tag;     // written, or with `decrypts` read
    uint32_t tag_size;
} HOST_CIPHER_REQUEST;
// 0, HOST_ERROR_INVALID for sizes that do not fit, HOST_ERROR_ACCESS where the tag does not fit.
HOST_FUNCTION(cipher) extern int host_cipher(const HOST_CIPHER_REQUEST* request);

#endif
