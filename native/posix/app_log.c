#include "app_log.h"

#include <stdio.h>
#include <stdlib.h>

#include "fail.h"
#include "host.h"

// Longer texts are put together on the heap.
#define USUAL_LENGTH 512

int app_log_vprintf(const char* format, va_list arguments)
{
    char usual[USUAL_LENGTH];
    char* text = usual;
    va_list copy;
    int length;
    if (format == NULL)
    {
        return fail(EFAULT);
    }
    va_copy(copy, arguments);
    length = vsnprintf(usual, sizeof(usual), format, arguments);
    if (length >= (int)sizeof(usual))
    {
        text = malloc((size_t)length + 1);
        if (text == NULL)
        {
            text = usual;
            length = sizeof(usual) - 1;
        }
        else
        {
            length = vsnprintf(text, (size_t)length + 1, format, copy);
        }
    }
    va_end(copy);
    if (length > 0)
    {
        host_app_log(text, (size_t)length);
    }
    if (text != usual)
    {
        free(text);
    }
    return length < 0 ? -1 : 0;
}

int app_log_printf(const char* format, ...)
{
    va_list arguments;
    int result;
    va_start(arguments, format);
    result = app_log_vprintf(format, arguments);
    va_end(arguments);
    return result;
}
