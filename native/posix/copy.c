// Emscripten's C library asks JavaScript to copy 512 bytes or more, by a name that depends on its version. There is no JavaScript
// here: this is the answer.
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

void _emscripten_memcpy_js(void* restrict to, const void* restrict from, size_t size)
{
    (void)emscripten_memcpy_big(to, from, size);
}
