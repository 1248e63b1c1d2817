// errno for apps, with Linux's numbers, over the C library's, with WASI's. Each side has a variable of its own. Where a side asks for
// its variable, it is brought up to date with what the other side has stored since.
#include "errno_numbers.h"

#include <errno.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>

#include "errno_names.h"
#include "errno_wasi.h"

#define NUMBER(name) name,

static const unsigned char linux_numbers[] = {ERRNO_NAMES(NUMBER)};

static int app_errno = 0;
static int library_errno = 0;
static int given = 0; // the C library's number of app_errno, when it last asked

static int look_up(int number, const unsigned char* from, const unsigned char* to)
{
    for (size_t i = 0; number > 0 && i < sizeof(linux_numbers); i++)
    {
        if (from[i] == number)
        {
            return to[i];
        }
    }
    return 0;
}

int errno_linux_of(int wasi)
{
    return look_up(wasi, errno_wasi_numbers, linux_numbers);
}

int errno_wasi_of(int linux_number)
{
    return look_up(linux_number, linux_numbers, errno_wasi_numbers);
}

int* sphere_iot_errno(void)
{
    if (library_errno != given)
    {
        app_errno = errno_linux_of(library_errno);
        given = library_errno;
    }
    return &app_errno;
}

// For the C library alone, in the place of its own, which it knows by two names.
int* __errno_location(void)
{
    given = errno_wasi_of(*sphere_iot_errno());
    library_errno = given;
    return &library_errno;
}

int* ___errno_location(void)
{
    return __errno_location();
}

// The C library's, which goes by WASI's numbers. It reads the locale's maps of translations, one for each category: there are none.
extern char* __strerror_l(int number, locale_t locale);
static const void* const untranslated[LC_ALL];

char* strerror(int number)
{
    return __strerror_l(errno_wasi_of(number), (locale_t)untranslated);
}

char* strerror_l(int number, locale_t locale)
{
    (void)locale;
    return strerror(number);
}

int strerror_r(int number, char* buffer, size_t size)
{
    const char* text = strerror(number);
    size_t length = strlen(text);
    if (length >= size)
    {
        if (size > 0)
        {
            (void)memcpy(buffer, text, size - 1);
            buffer[size - 1] = '\0';
        }
        return ERANGE;
    }
    (void)memcpy(buffer, text, length + 1);
    return 0;
}

void perror(const char* message)
{
    const char* text = strerror(errno);
    if (message != NULL && *message != '\0')
    {
        (void)fprintf(stderr, "%s: ", message);
    }
    (void)fprintf(stderr, "%s\n", text);
}
