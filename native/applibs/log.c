// applibs/log.h: the app's debug log.
#include <applibs/log.h>

#include "app_log.h"

int Log_DebugVarArgs(const char* fmt, va_list args)
{
    return app_log_vprintf(fmt, args);
}

int Log_Debug(const char* fmt, ...)
{
    va_list arguments;
    int result;
    va_start(arguments, fmt);
    result = app_log_vprintf(fmt, arguments);
    va_end(arguments);
    return result;
}
