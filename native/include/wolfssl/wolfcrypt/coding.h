// Base64, and hexadecimal digits.
#ifndef WOLFSSL_WOLFCRYPT_CODING_H
#define WOLFSSL_WOLFCRYPT_CODING_H

#include <wolfssl/wolfcrypt/types.h>

#ifdef __cplusplus
extern "C" {
#endif

// `size` is the room of `out`, and becomes what was written; no NUL is. 0, BUFFER_E where there is not enough room, BAD_FUNC_ARG.
// Encode ends each line of 64 characters, and the last one, with a line feed. With NULL for `out`, `size` becomes what is needed, and
// the result is LENGTH_ONLY_E.
int Base64_Encode(const byte* in, word32 in_size, byte* out, word32* size);
int Base64_Encode_NoNl(const byte* in, word32 in_size, byte* out, word32* size);
// Line ends are left out; ASN_INPUT_E for what is no base64.
int Base64_Decode(const byte* in, word32 in_size, byte* out, word32* size);
// Encode writes upper case, and ends with a NUL if there is room for it, which counts; the results are those of the others.
int Base16_Encode(const byte* in, word32 in_size, byte* out, word32* size);
int Base16_Decode(const byte* in, word32 in_size, byte* out, word32* size);

#ifdef __cplusplus
}
#endif

#endif
