// longjmp, as the compiler makes it: a function that has called setjmp calls others through the host (invoke_…), which catches
// there what host_app_long_jump throws (src/app/program/long-jump.ts). The rest is in Emscripten's compiler-rt.
#include <stdint.h>

#include "host.h"

// Of the compiler's interface; Emscripten's JavaScript would have them.
void setTempRet0(unsigned value);
unsigned getTempRet0(void);
_Noreturn void _emscripten_throw_longjmp(void);

static unsigned second_result = 0;

void setTempRet0(unsigned value)
{
    second_result = value;
}

unsigned getTempRet0(void)
{
    return second_result;
}

void _emscripten_throw_longjmp(void)
{
    host_app_long_jump();
}

// Before the one of compiler-rt, which in emcc 3.1.6 does not make 1 of 0.
_Noreturn void __real_emscripten_longjmp(uintptr_t buffer, int value);
_Noreturn void emscripten_longjmp(uintptr_t buffer, int value);

void emscripten_longjmp(uintptr_t buffer, int value)
{
    __real_emscripten_longjmp(buffer, value == 0 ? 1 : value);
}

// C's stack pointer, for the host: at a longjmp it becomes what it was at the call that the jump ends.
__asm__(".globaltype __stack_pointer, i32\n");

__attribute__((export_name("sphere_app_stack_pointer"))) void* sphere_app_stack_pointer(void)
{
    void* pointer;
    __asm__ volatile("global.get __stack_pointer\n\tlocal.set %0" : "=r"(pointer));
    return pointer;
}

__attribute__((export_name("sphere_app_set_stack_pointer"))) void sphere_app_set_stack_pointer(void* pointer)
{
    __asm__ volatile("local.get %0\n\tglobal.set __stack_pointer" : : "r"(pointer));
}
