#include <applibs/log.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "host.h"

// Longer texts are put together on the heap.
#define USUAL_LENGTH 512

int Log_DebugVarArgs(const char* fmt, va_list args)
{
    char usual[USUAL_LENGTH];
    char* text = usual;
    va_list copy;
    int length;
    if (fmt == NULL)
    {
        errno = EFAULT;
        return -1;
    }
    va_copy(copy, args);
    length = vsnprintf(usual, sizeof(usual), fmt, args);
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
            length = vsnprintf(text, (size_t)length + 1, fmt, copy);
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

int Log_Debug(const char* fmt, ...)
{
    va_list arguments;
    int result;
    va_start(arguments, fmt);
    result = Log_DebugVarArgs(fmt, arguments);
    va_end(arguments);
    return result;
}
