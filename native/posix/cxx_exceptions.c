// C++'s throw. Nothing can catch here: an exception of WebAssembly does not get along with Asyncify. So a throw ends the app as an
// uncaught one does on the device, by std::terminate, and the log says what was thrown.
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app_log.h"

// How the compiler's ABI (Itanium's) lays out std::type_info, and the one of a class with one base.
struct type_info
{
    const void* const* functions;
    const char* name;
};
struct derived_type_info
{
    struct type_info info;
    const struct type_info* base;
};

// Of libc++abi.
extern const void* const _ZTVN10__cxxabiv120__si_class_type_infoE[];
_Noreturn void _ZSt9terminatev(void);

void* __cxa_allocate_exception(size_t size);
_Noreturn void __cxa_throw(void* thrown, const struct type_info* type, void (*destroy)(void*));
_Noreturn void abort_message(const char* format, ...);
// Its name in newer releases.
_Noreturn void __abort_message(const char* format, ...) __attribute__((alias("abort_message")));

// The members of an ABI's table of functions before those that a class declares: the offset and the type.
#define TABLE_HEAD 2
// std::exception's: two destructors, what.
#define WHAT 2

static const char* const FUNDAMENTAL[][2] = {
    {"i", "int"},  {"j", "unsigned int"}, {"l", "long"},  {"m", "unsigned long"}, {"b", "bool"},
    {"c", "char"}, {"d", "double"},       {"f", "float"}, {"PKc", "const char*"}, {"Pc", "char*"},
};

// Writes a type's name as in C++; templates and rarer types stay as the compiler has them.
static void write_name(char* text, size_t size, const char* mangled)
{
    for (size_t i = 0; i < sizeof(FUNDAMENTAL) / sizeof(FUNDAMENTAL[0]); i++)
    {
        if (strcmp(mangled, FUNDAMENTAL[i][0]) == 0)
        {
            (void)snprintf(text, size, "%s", FUNDAMENTAL[i][1]);
            return;
        }
    }
    bool nested = mangled[0] == 'N';
    const char* at = mangled + (nested ? 1 : 0);
    size_t length = 0;
    text[0] = '\0';
    if (strncmp(at, "St", 2) == 0)
    {
        length = (size_t)snprintf(text, size, "std");
        at += 2;
    }
    while (*at >= '0' && *at <= '9')
    {
        char* part;
        unsigned long count = strtoul(at, &part, 10);
        if (count > strlen(part))
        {
            break;
        }
        bool anonymous = strncmp(part, "_GLOBAL__N", 10) == 0;
        length += (size_t)snprintf(text + length, size - length, "%s%.*s", length == 0 ? "" : "::", anonymous ? 11 : (int)count,
                                   anonymous ? "(anonymous)" : part);
        if (length >= size)
        {
            return;
        }
        at = part + count;
    }
    if (strcmp(at, nested ? "E" : "") != 0)
    {
        (void)snprintf(text, size, "%s", mangled);
    }
}

// What an exception says of itself, if its class comes from std::exception, one base after the other; NULL: it says nothing.
static const char* what_of(const void* thrown, const struct type_info* type)
{
    const void* const* one_base = _ZTVN10__cxxabiv120__si_class_type_infoE + TABLE_HEAD;
    for (; type != NULL; type = type->functions == one_base ? ((const struct derived_type_info*)type)->base : NULL)
    {
        if (strcmp(type->name, "St9exception") == 0)
        {
            typedef const char* (*what_function)(const void*);
            return ((what_function)(*(const uintptr_t* const*)thrown)[WHAT])(thrown);
        }
    }
    return NULL;
}

void* __cxa_allocate_exception(size_t size)
{
    return calloc(1, size);
}

void __cxa_throw(void* thrown, const struct type_info* type, void (*destroy)(void*))
{
    char name[128];
    (void)destroy;
    write_name(name, sizeof(name), type->name);
    const char* what = what_of(thrown, type);
    (void)app_log_printf(
        "[sphere-iot] The app threw %s%s%s, and C++ exceptions are not caught here: it ends by std::terminate.\n", name,
        what == NULL ? "" : ": ", what == NULL ? "" : what);
    _ZSt9terminatev();
}

// Where the C++ library has nothing left but to abort: std::terminate, a call of a pure virtual function.
void abort_message(const char* format, ...)
{
    char text[256];
    va_list values;
    va_start(values, format);
    (void)vsnprintf(text, sizeof(text), format, values);
    va_end(values);
    (void)app_log_printf("[sphere-iot] The C++ library ends the app: %s.\n", text[0] == '\0' ? "std::terminate" : text);
    abort();
}
