// The SDK's default logger: formats a line and hands it to the host. On a device these lines are compiled out.
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "azure_c_shared_utility/consolelogger.h"
#include "azure_c_shared_utility/xlogging.h"
#include "host.h"

_Static_assert((int)AZ_LOG_ERROR == HOST_LOG_ERROR && (int)AZ_LOG_INFO == HOST_LOG_INFO && (int)AZ_LOG_TRACE == HOST_LOG_TRACE,
               "the host's categories are the SDK's");

// MQTT traces come in pieces, one call each, and only the last ends the line.
static char line_text[2048];
static size_t line_length = 0;

void consolelogger_log(LOG_CATEGORY log_category, const char* file, const char* func, int line, unsigned int options,
                       const char* format, ...)
{
    va_list arguments;
    int length;
    va_start(arguments, format);
    length = vsnprintf(line_text + line_length, sizeof(line_text) - line_length, format, arguments);
    va_end(arguments);
    if (length > 0)
    {
        line_length += (size_t)length;
        if (line_length >= sizeof(line_text))
        {
            line_length = sizeof(line_text) - 1; // cut
        }
    }
    if ((options & LOG_LINE) != 0)
    {
        line_length = 0;
        host_log_line((int)log_category, file, func, line, line_text);
        line_text[0] = '\0';
    }
}
