// The app's stack in C, as the host asks about it (src/app/program/asyncify.ts, src/app/program/crash.ts): where to keep it while the app
// is suspended, and whether it has overflowed. native/cmake/package/AzureSphere.cmake has the linker take this file.
#include <emscripten/stack.h>
#include <stddef.h>
#include <stdint.h>

// Of the linker: where the stack ends. It grows downwards. Older linkers have it between the data and the heap, and no name for it.
extern char __stack_low __attribute__((weak));
extern char __stack_high __attribute__((weak));
extern char __data_end;
extern char __heap_base;

// Asked after a crash, where the stack pointer still is as it was then: whether it has left the stack.
__attribute__((export_name("sphere_app_stack_overflowed"))) int sphere_app_stack_overflowed(void)
{
    uintptr_t low = (uintptr_t)(&__stack_high == NULL ? &__data_end : &__stack_low);
    uintptr_t now = emscripten_stack_get_current();
    return now < low || now > (uintptr_t)&__heap_base;
}

// What Asyncify saves of the stack while the app is suspended: {next, end} and the room itself. Static, since a heap that is
// limited must not know of it.
static struct
{
    char* next;
    char* end;
    char room[64 * 1024];
} suspended_stack;

__attribute__((export_name("sphere_app_suspended_stack"))) void* sphere_app_suspended_stack(void)
{
    suspended_stack.next = suspended_stack.room;
    suspended_stack.end = suspended_stack.room + sizeof(suspended_stack.room);
    return &suspended_stack;
}
