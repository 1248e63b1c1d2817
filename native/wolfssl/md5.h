// MD5 (RFC 1321), in the way of c-utility's sha.h: hash.c makes wolfCrypt's calls of it.
#ifndef SPHERE_IOT_WOLFSSL_MD5_H
#define SPHERE_IOT_WOLFSSL_MD5_H

#include <stdint.h>

#define MD5_BLOCK_BYTES 64

typedef struct MD5_CONTEXT_TAG
{
    uint64_t size; // bytes up to here
    uint32_t digest[4];
    uint8_t block[MD5_BLOCK_BYTES];
} MD5Context;

// Begins a digest; 0.
int MD5Reset(MD5Context* context);
// Goes on with so many bytes; 0.
int MD5Input(MD5Context* context, const uint8_t* bytes, unsigned int size);
// Writes 16 bytes; the context is used up. 0.
int MD5Result(MD5Context* context, uint8_t* digest);

#endif
