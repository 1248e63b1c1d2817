// errno for apps, with Linux's numbers, over the C library's, with WASI's.
//
// The C library reads and writes its own variable. A number of Linux is marked there, so that one that the C library stores is
// told from one that it was given: it may print it (%m), or store it again after something else has failed.
#include <errno.h>
#include <string.h>

#include "errno_names.h"
#include "errno_numbers.h"

#define MARK 0x10000

#define NUMBER(name) name,

static const unsigned char linux_numbers[] = {ERRNO_NAMES(NUMBER)};

static int app_errno = 0;
static int library_errno = MARK;
static int given = 0; // to the C library, when it last asked where its variable is

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

// Brings over what the C library has stored.
int* sphere_iot_errno(void)
{
    if (library_errno != (MARK | given))
    {
        app_errno = (library_errno & MARK) != 0 ? library_errno & ~MARK : errno_linux_of(library_errno);
        given = app_errno;
        library_errno = MARK | given;
    }
    return &app_errno;
}

// For the C library alone, in the place of its own, which it knows by two names.
int* __errno_location(void)
{
    given = *sphere_iot_errno();
    library_errno = MARK | given;
    return &library_errno;
}

int* ___errno_location(void)
{
    return __errno_location();
}

// The C library's, which goes by WASI's numbers.
extern char* __strerror_l(int number, locale_t locale);

char* strerror(int number)
{
    return __strerror_l(errno_wasi_of(number & ~MARK), 0);
}

char* strerror_l(int number, locale_t locale)
{
    return __strerror_l(errno_wasi_of(number & ~MARK), locale);
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
