#include "refuse.h"

#include <applibs/log.h>
#include <errno.h>

int refuse(bool* told, const char* function, int error, const char* error_name, const char* why)
{
    if (!*told)
    {
        *told = true;
        (void)Log_Debug("[sphere-iot] %s fails with %s: %s.\n", function, error_name, why);
    }
    errno = error;
    return -1;
}
