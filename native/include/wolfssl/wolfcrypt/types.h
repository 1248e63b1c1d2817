// The types of wolfCrypt.
#ifndef WOLFSSL_WOLFCRYPT_TYPES_H
#define WOLFSSL_WOLFCRYPT_TYPES_H

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <wolfssl/wolfcrypt/settings.h>

typedef unsigned char byte;
typedef uint16_t word16;
typedef uint32_t word32;
typedef uint64_t word64;

// The device number of what is done in software, and of what has no device.
#define INVALID_DEVID (-2)

// Which hash: for wc_Hash, and for wc_HmacSetKey.
enum wc_HashType
{
    WC_HASH_TYPE_NONE = 0,
    WC_HASH_TYPE_MD5 = 3,
    WC_HASH_TYPE_SHA = 4,
    WC_HASH_TYPE_SHA224 = 5,
    WC_HASH_TYPE_SHA256 = 6,
    WC_HASH_TYPE_SHA384 = 7,
    WC_HASH_TYPE_SHA512 = 8
};

#define XMALLOC(size, heap, type) ((void)(heap), malloc(size))
#define XFREE(pointer, heap, type) ((void)(heap), free(pointer))
#define XMEMCPY memcpy
#define XMEMSET memset
#define XMEMCMP memcmp
#define XMEMMOVE memmove
#define XREALLOC(pointer, size, heap, type) ((void)(heap), realloc(pointer, size))
#define XSTRLEN strlen
#define XSTRNCMP strncmp
#define XSTRNCPY strncpy
#define XSTRSTR strstr
#define DYNAMIC_TYPE_TMP_BUFFER 16

#endif
