// There are no shared libraries to load.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stddef.h>

#include "refuse.h"

// What dlerror says, where the app calls it: the C library's own.
__attribute__((weak)) void __dl_seterr(const char* format, ...);

#define NO_LIBRARIES REFUSE(ENOSYS, "an app is one program, and cannot load libraries")

static void* fail(void)
{
    if (__dl_seterr != NULL)
    {
        __dl_seterr("an app cannot load libraries");
    }
    return NULL;
}

void* dlopen(const char* file, int mode)
{
    (void)file;
    (void)mode;
    (void)NO_LIBRARIES;
    return fail();
}

void* dlsym(void* restrict library, const char* restrict name)
{
    (void)library;
    (void)name;
    (void)NO_LIBRARIES;
    return fail();
}

// Nothing was opened.
int dlclose(void* library)
{
    (void)library;
    (void)fail();
    return -1;
}

int dladdr(const void* address, Dl_info* info)
{
    (void)address;
    (void)info;
    return 0;
}
