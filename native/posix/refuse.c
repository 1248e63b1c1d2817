#include "refuse.h"

#include "app_log.h"
#include "fail.h"

int refuse(bool* logged, const char* function, int error, const char* error_name, const char* why)
{
    if (!*logged)
    {
        *logged = true;
        (void)app_log_printf("[sphere-iot] %s fails with %s: %s.\n", function, error_name, why);
    }
    return fail(error);
}
