// The C library of emcc 3.1.6 asks JavaScript to copy 512 bytes or more, unless it is linked with -Oz, and has no answer where
// there is no JavaScript: this is the answer. Newer ones do not ask.
#include <stddef.h>
#include <stdint.h>

__attribute__((no_builtin)) void* emscripten_memcpy_big(void* restrict to, const void* restrict from, size_t size)
{
    typedef uint64_t __attribute__((aligned(1), may_alias)) word;
    unsigned char* target = to;
    const unsigned char* source = from;
    for (; size >= sizeof(word); size -= sizeof(word), target += sizeof(word), source += sizeof(word))
    {
        *(word*)target = *(const word*)source;
    }
    while (size-- > 0)
    {
        *target++ = *source++;
    }
    return to;
}
