// abort ends the app as a crash does, with the stack for the developer to see; the C library's would be an exit with 1.
#include <applibs/log.h>

_Noreturn void abort(void);

_Noreturn void abort(void)
{
    (void)Log_Debug("[sphere-iot] The app called abort.\n");
    __builtin_trap();
}
