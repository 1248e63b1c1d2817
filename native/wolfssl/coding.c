// Base64: that of the SDK's c-utility, in wolfCrypt's lines. Hexadecimal digits.
#include <wolfssl/wolfcrypt/coding.h>

#include <stdbool.h>

#include <wolfssl/wolfcrypt/error-crypt.h>

#include "azure_c_shared_utility/azure_base64.h"

#define LINE_SIZE 64

static word32 encoded_size(word32 size, bool lines)
{
    word32 characters = (size + 2) / 3 * 4;
    return characters + (lines ? (characters + LINE_SIZE - 1) / LINE_SIZE : 0);
}

static int encode(const byte* in, word32 in_size, byte* out, word32* size, bool lines)
{
    word32 needed = encoded_size(in_size, lines);
    STRING_HANDLE text;
    const char* characters;
    if (in == NULL || size == NULL)
    {
        return BAD_FUNC_ARG;
    }
    if (out == NULL)
    {
        *size = needed;
        return LENGTH_ONLY_E;
    }
    if (*size < needed)
    {
        return BUFFER_E;
    }
    text = Azure_Base64_Encode_Bytes(in, in_size);
    if (text == NULL)
    {
        return MEMORY_E;
    }
    characters = STRING_c_str(text);
    *size = 0;
    for (word32 i = 0; characters[i] != '\0'; i++)
    {
        out[(*size)++] = (byte)characters[i];
        if (lines && (i % LINE_SIZE == LINE_SIZE - 1 || characters[i + 1] == '\0'))
        {
            out[(*size)++] = '\n';
        }
    }
    STRING_delete(text);
    return 0;
}

int Base64_Encode(const byte* in, word32 in_size, byte* out, word32* size)
{
    return encode(in, in_size, out, size, true);
}

int Base64_Encode_NoNl(const byte* in, word32 in_size, byte* out, word32* size)
{
    return encode(in, in_size, out, size, false);
}

static bool is_base64(byte character)
{
    return (character >= 'A' && character <= 'Z') || (character >= 'a' && character <= 'z') ||
           (character >= '0' && character <= '9') || character == '+' || character == '/';
}

// Copies the characters without line ends; false where there are others, or padding in their midst.
static bool copy_characters(const byte* in, word32 size, char* text, word32* length)
{
    word32 padding = 0;
    *length = 0;
    for (word32 i = 0; i < size; i++)
    {
        if (in[i] == '\n' || in[i] == '\r')
        {
            continue;
        }
        padding += in[i] == '=' ? 1 : 0;
        if ((in[i] != '=' && (padding > 0 || !is_base64(in[i]))) || padding > 2)
        {
            return false;
        }
        text[(*length)++] = (char)in[i];
    }
    text[*length] = '\0';
    return *length % 4 == 0;
}

int Base64_Decode(const byte* in, word32 in_size, byte* out, word32* size)
{
    word32 length;
    BUFFER_HANDLE decoded;
    char* text;
    int result;
    if (in == NULL || out == NULL || size == NULL)
    {
        return BAD_FUNC_ARG;
    }
    text = malloc(in_size + 1);
    if (text == NULL)
    {
        return MEMORY_E;
    }
    if (!copy_characters(in, in_size, text, &length))
    {
        free(text);
        return ASN_INPUT_E;
    }
    if (length == 0)
    {
        free(text);
        *size = 0;
        return 0;
    }
    decoded = Azure_Base64_Decode(text);
    free(text);
    if (decoded == NULL)
    {
        return MEMORY_E;
    }
    result = BUFFER_length(decoded) > *size ? BUFFER_E : 0;
    if (result == 0)
    {
        *size = (word32)BUFFER_length(decoded);
        (void)memcpy(out, BUFFER_u_char(decoded), *size);
    }
    BUFFER_delete(decoded);
    return result;
}

int Base16_Encode(const byte* in, word32 in_size, byte* out, word32* size)
{
    static const char digits[] = "0123456789ABCDEF";
    if (in == NULL || out == NULL || size == NULL)
    {
        return BAD_FUNC_ARG;
    }
    if (*size < 2 * in_size)
    {
        return BUFFER_E;
    }
    for (word32 i = 0; i < in_size; i++)
    {
        out[2 * i] = (byte)digits[in[i] >> 4];
        out[2 * i + 1] = (byte)digits[in[i] & 15];
    }
    if (*size > 2 * in_size)
    {
        out[2 * in_size] = '\0';
        *size = 2 * in_size + 1;
    }
    else
    {
        *size = 2 * in_size;
    }
    return 0;
}

// -1: it is none.
static int digit_value(byte character)
{
    if (character >= '0' && character <= '9')
    {
        return character - '0';
    }
    character |= 0x20;
    return character >= 'a' && character <= 'f' ? character - 'a' + 10 : -1;
}

int Base16_Decode(const byte* in, word32 in_size, byte* out, word32* size)
{
    if (in == NULL || out == NULL || size == NULL)
    {
        return BAD_FUNC_ARG;
    }
    if (in_size % 2 != 0)
    {
        return ASN_INPUT_E;
    }
    if (*size < in_size / 2)
    {
        return BUFFER_E;
    }
    for (word32 i = 0; i < in_size / 2; i++)
    {
        int high = digit_value(in[2 * i]);
        int low = digit_value(in[2 * i + 1]);
        if (high < 0 || low < 0)
        {
            return ASN_INPUT_E;
        }
        out[i] = (byte)(high << 4 | low);
    }
    *size = in_size / 2;
    return 0;
}
