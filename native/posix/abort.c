// abort calls the app's handler of SIGABRT, then ends the app as a crash does, with the stack for the developer to see; the C
// library's would be an exit with 1.
#include <signal.h>
#include <stddef.h>

#include "app_log.h"

_Noreturn void abort(void);

_Noreturn void abort(void)
{
    struct sigaction action;
    if (sigaction(SIGABRT, NULL, &action) == 0 && action.sa_handler != SIG_DFL && action.sa_handler != SIG_IGN)
    {
        (void)raise(SIGABRT);
    }
    (void)app_log_printf("[sphere-iot] The app called abort.\n");
    __builtin_trap();
}
