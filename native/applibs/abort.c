// abort ends the app as a crash does, with the stack for the developer to see; the C library's would be an exit with 1. The
// linker's --wrap puts this in its place.
#include <applibs/log.h>

_Noreturn void __wrap_abort(void);

_Noreturn void __wrap_abort(void)
{
    (void)Log_Debug("[sphere-iot] The app called abort.\n");
    __builtin_trap();
}
