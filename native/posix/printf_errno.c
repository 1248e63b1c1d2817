// %m in the format of printf and its like, the text of errno: Emscripten leaves it out of its C library. Every such function comes
// to one of three there, of which two are for formats without floating-point numbers.
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef int PRINT(FILE* restrict file, const char* restrict format, va_list arguments);

extern PRINT __real_vfprintf, __real_vfiprintf, __real___small_vfprintf;

// The next %m in a format, or NULL.
static const char* find_errno(const char* format)
{
    for (const char* at = strchr(format, '%'); at != NULL && at[1] != '\0'; at = strchr(at + 2, '%'))
    {
        if (at[1] == 'm')
        {
            return at;
        }
    }
    return NULL;
}

// A format with the text in the place of each %m, to be freed. No such text has a percent sign.
static char* with_text(const char* format, const char* text)
{
    size_t count = 0;
    char* result;
    for (const char* at = format; (at = find_errno(at)) != NULL; at += 2)
    {
        count++;
    }
    result = malloc(strlen(format) + count * strlen(text) + 1);
    if (result == NULL)
    {
        return NULL;
    }
    result[0] = '\0';
    for (const char* at; (at = find_errno(format)) != NULL; format = at + 2)
    {
        (void)strncat(result, format, (size_t)(at - format));
        (void)strcat(result, text);
    }
    (void)strcat(result, format);
    return result;
}

static int print(PRINT* real, FILE* file, const char* format, va_list arguments)
{
    int error = errno;
    char* made;
    int result;
    if (find_errno(format) == NULL)
    {
        return real(file, format, arguments);
    }
    made = with_text(format, strerror(error));
    if (made == NULL)
    {
        return -1;
    }
    errno = error;
    result = real(file, made, arguments);
    free(made);
    return result;
}

int vfprintf(FILE* restrict file, const char* restrict format, va_list arguments)
{
    return print(__real_vfprintf, file, format, arguments);
}

int vfiprintf(FILE* restrict file, const char* restrict format, va_list arguments)
{
    return print(__real_vfiprintf, file, format, arguments);
}

int __small_vfprintf(FILE* restrict file, const char* restrict format, va_list arguments)
{
    return print(__real___small_vfprintf, file, format, arguments);
}
