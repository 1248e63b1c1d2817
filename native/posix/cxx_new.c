// C++'s operator new where there is no memory: it throws std::bad_alloc, which ends the app; that with std::nothrow gives NULL.
#include <stddef.h>
#include <stdlib.h>

#include "app_log.h"

// Of libc++abi.
typedef void (*new_handler)(void);
new_handler _ZSt15get_new_handlerv(void);
_Noreturn void _ZSt9terminatev(void);

void* _Znwm(size_t size);
void* _Znam(size_t size);
void* _ZnwmRKSt9nothrow_t(size_t size, const void* nothrow);
void* _ZnamRKSt9nothrow_t(size_t size, const void* nothrow);

static void* allocate(size_t size)
{
    void* memory;
    while ((memory = malloc(size == 0 ? 1 : size)) == NULL)
    {
        new_handler handler = _ZSt15get_new_handlerv();
        if (handler == NULL)
        {
            return NULL;
        }
        handler();
    }
    return memory;
}

void* _Znwm(size_t size)
{
    void* memory = allocate(size);
    if (memory == NULL)
    {
        (void)app_log_printf(
            "[sphere-iot] The app threw std::bad_alloc: there is no memory for %lu bytes. It ends by std::terminate.\n",
            (unsigned long)size);
        _ZSt9terminatev();
    }
    return memory;
}

void* _Znam(size_t size)
{
    return _Znwm(size);
}

void* _ZnwmRKSt9nothrow_t(size_t size, const void* nothrow)
{
    (void)nothrow;
    return allocate(size);
}

void* _ZnamRKSt9nothrow_t(size_t size, const void* nothrow)
{
    return _ZnwmRKSt9nothrow_t(size, nothrow);
}
