// MD5 (RFC 1321).
#include "md5.h"

#include <string.h>

#define LENGTH_BYTES 8

// The whole part of 2^32 * |sin(i + 1)|.
static const uint32_t SINES[64] = {
    0xd76aa478, 0xe8c7b756, 0x242070db, 0xc1bdceee, 0xf57c0faf, 0x4787c62a, 0xa8304613, 0xfd469501, 0x698098d8, 0x8b44f7af,
    0xffff5bb1, 0x895cd7be, 0x6b901122, 0xfd987193, 0xa679438e, 0x49b40821, 0xf61e2562, 0xc040b340, 0x265e5a51, 0xe9b6c7aa,
    0xd62f105d, 0x02441453, 0xd8a1e681, 0xe7d3fbc8, 0x21e1cde6, 0xc33707d6, 0xf4d50d87, 0x455a14ed, 0xa9e3e905, 0xfcefa3f8,
    0x676f02d9, 0x8d2a4c8a, 0xfffa3942, 0x8771f681, 0x6d9d6122, 0xfde5380c, 0xa4beea44, 0x4bdecfa9, 0xf6bb4b60, 0xbebfbc70,
    0x289b7ec6, 0xeaa127fa, 0xd4ef3085, 0x04881d05, 0xd9d4d039, 0xe6db99e5, 0x1fa27cf8, 0xc4ac5665, 0xf4292244, 0x432aff97,
    0xab9423a7, 0xfc93a039, 0x655b59c3, 0x8f0ccc92, 0xffeff47d, 0x85845dd1, 0x6fa87e4f, 0xfe2ce6e0, 0xa3014314, 0x4e0811a1,
    0xf7537e82, 0xbd3af235, 0x2ad7d2bb, 0xeb86d391};
static const uint8_t SHIFTS[4][4] = {{7, 12, 17, 22}, {5, 9, 14, 20}, {4, 11, 16, 23}, {6, 10, 15, 21}};

static uint32_t rotate(uint32_t value, int bits)
{
    return value << bits | value >> (32 - bits);
}

static uint32_t little_endian(const uint8_t* bytes)
{
    return bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24;
}

// What round `round` makes of three words.
static uint32_t mix(int round, uint32_t b, uint32_t c, uint32_t d)
{
    switch (round)
    {
        case 0:
            return (b & c) | (~b & d);
        case 1:
            return (b & d) | (c & ~d);
        case 2:
            return b ^ c ^ d;
        default:
            return c ^ (b | ~d);
    }
}

static void take_block(uint32_t* digest, const uint8_t* block)
{
    // Which word of the block step `i` of a round takes: (first + i * stride) % 16.
    static const uint8_t firsts[4] = {0, 1, 5, 0};
    static const uint8_t strides[4] = {1, 5, 3, 7};
    uint32_t a = digest[0];
    uint32_t b = digest[1];
    uint32_t c = digest[2];
    uint32_t d = digest[3];
    for (int i = 0; i < 64; i++)
    {
        int round = i / 16;
        int word = (firsts[round] + i % 16 * strides[round]) % 16;
        uint32_t sum = a + mix(round, b, c, d) + SINES[i] + little_endian(block + 4 * word);
        a = d;
        d = c;
        c = b;
        b += rotate(sum, SHIFTS[round][i % 4]);
    }
    digest[0] += a;
    digest[1] += b;
    digest[2] += c;
    digest[3] += d;
}

int MD5Reset(MD5Context* context)
{
    static const uint32_t begin[4] = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476};
    context->size = 0;
    (void)memcpy(context->digest, begin, sizeof(begin));
    return 0;
}

int MD5Input(MD5Context* context, const uint8_t* bytes, unsigned int size)
{
    for (unsigned int taken = 0; taken < size;)
    {
        unsigned int at = (unsigned int)(context->size % MD5_BLOCK_BYTES);
        unsigned int room = MD5_BLOCK_BYTES - at;
        unsigned int part = size - taken < room ? size - taken : room;
        (void)memcpy(context->block + at, bytes + taken, part);
        context->size += part;
        taken += part;
        if (part == room)
        {
            take_block(context->digest, context->block);
        }
    }
    return 0;
}

int MD5Result(MD5Context* context, uint8_t* digest)
{
    static const uint8_t padding[MD5_BLOCK_BYTES] = {0x80};
    uint64_t bits = context->size * 8;
    uint8_t length[LENGTH_BYTES];
    unsigned int at = (unsigned int)(context->size % MD5_BLOCK_BYTES);
    for (int i = 0; i < LENGTH_BYTES; i++)
    {
        length[i] = (uint8_t)(bits >> 8 * i);
    }
    // As many that the length ends a block: at least one.
    (void)MD5Input(context, padding, (2 * MD5_BLOCK_BYTES - LENGTH_BYTES - 1 - at) % MD5_BLOCK_BYTES + 1);
    (void)MD5Input(context, length, sizeof(length));
    for (int i = 0; i < 16; i++)
    {
        digest[i] = (uint8_t)(context->digest[i / 4] >> 8 * (i % 4));
    }
    return 0;
}
