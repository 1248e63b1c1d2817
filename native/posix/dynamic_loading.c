// There are no shared libraries to load.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stddef.h>

#include "refuse.h"

static const char* message = NULL;

void* dlopen(const char* file, int mode)
{
    (void)file;
    (void)mode;
    (void)REFUSE(ENOSYS, "an app is one program, and cannot load libraries");
    message = "an app cannot load libraries";
    return NULL;
}

void* dlsym(void* restrict library, const char* restrict name)
{
    (void)library;
    (void)name;
    (void)REFUSE(ENOSYS, "an app is one program, and cannot load libraries");
    message = "there are no libraries";
    return NULL;
}

int dlclose(void* library)
{
    (void)library;
    message = "there are no libraries";
    return -1;
}

char* dlerror(void)
{
    const char* last = message;
    message = NULL;
    return (char*)last;
}

int dladdr(const void* address, Dl_info* info)
{
    (void)address;
    (void)info;
    return 0;
}
