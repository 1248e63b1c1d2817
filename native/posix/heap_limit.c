#include "heap_limit.h"

#include <stdint.h>
#include <unistd.h>

#include "host.h"
#include "signals.h"

// Where the heap begins; the linker has it.
extern char __heap_base;

// The C library's own: malloc takes what it gives (wasm-build/app-archives.mjs has the name).
extern void* __real_sbrk(intptr_t increment);

size_t heap_size(void)
{
    return (size_t)((char*)__real_sbrk(0) - &__heap_base);
}

// The operating system ends an app that takes more than it may have; sbrk does not fail.
void* sbrk(intptr_t increment)
{
    if (increment > 0 && host_app_heap_grow(heap_size() + (size_t)increment) != 0)
    {
        _exit(ENDED_BY_SIGNAL + SIGKILL);
    }
    return __real_sbrk(increment);
}
