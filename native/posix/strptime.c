// Reads a time by a format, as POSIX says it for the C locale; with %F, %s and %z, which musl has too.
#define _GNU_SOURCE
#include <ctype.h>
#include <stdbool.h>
#include <stddef.h>
#include <strings.h>
#include <string.h>
#include <time.h>

static const char* const days[] = {"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"};
static const char* const months[] = {"January", "February", "March",     "April",   "May",      "June",
                                     "July",    "August",   "September", "October", "November", "December"};
static const char* const halves[] = {"AM", "PM"};

// What is put together at the end, as the order of the parts is free.
typedef struct PARTS_TAG
{
    int century; // -1: not given
    int year;    // of the century; -1
    int half;    // of the day; -1
} PARTS;

// Reads up to `width` digits of a number from `low` to `high`; NULL if there is none.
static const char* number(const char* text, int width, int low, int high, int* result)
{
    int value = 0;
    int digits = 0;
    while (isspace((unsigned char)*text))
    {
        text++;
    }
    for (; digits < width && isdigit((unsigned char)*text); digits++)
    {
        value = value * 10 + (*text++ - '0');
    }
    if (digits == 0 || value < low || value > high)
    {
        return NULL;
    }
    *result = value;
    return text;
}

// Reads one of some names, or its first three letters.
static const char* name(const char* text, const char* const names[], int count, int* result)
{
    for (int i = 0; i < count; i++)
    {
        size_t length = strlen(names[i]);
        if (strncasecmp(text, names[i], length) == 0)
        {
            *result = i;
            return text + length;
        }
    }
    for (int i = 0; i < count; i++)
    {
        if (strlen(names[i]) > 3 && strncasecmp(text, names[i], 3) == 0)
        {
            *result = i;
            return text + 3;
        }
    }
    return NULL;
}

// Z, or a sign and hours and minutes.
static const char* zone(const char* text, struct tm* tm)
{
    int sign = *text == '-' ? -1 : 1;
    int hours;
    int minutes = 0;
    const char* rest;
    if (*text == 'Z' || *text == 'z')
    {
        tm->__tm_gmtoff = 0;
        return text + 1;
    }
    if (*text != '+' && *text != '-')
    {
        return NULL;
    }
    rest = number(text + 1, 2, 0, 24, &hours);
    if (rest != NULL)
    {
        rest = number(*rest == ':' ? rest + 1 : rest, 2, 0, 59, &minutes);
    }
    tm->__tm_gmtoff = rest == NULL ? tm->__tm_gmtoff : sign * (hours * 3600L + minutes * 60L);
    return rest;
}

static const char* seconds_since_1970(const char* text, struct tm* tm)
{
    long long value = 0;
    const char* digit = text;
    time_t time;
    for (; isdigit((unsigned char)*digit); digit++)
    {
        value = value * 10 + (*digit - '0');
    }
    time = (time_t)value;
    return digit == text || localtime_r(&time, tm) == NULL ? NULL : digit;
}

static const char* parse(const char* text, const char* format, struct tm* tm, PARTS* parts);

// Of the formats that are short for others; NULL: none.
static const char* written_out(char conversion)
{
    switch (conversion)
    {
        case 'c':
            return "%a %b %e %H:%M:%S %Y";
        case 'D':
        case 'x':
            return "%m/%d/%y";
        case 'F':
            return "%Y-%m-%d";
        case 'r':
            return "%I:%M:%S %p";
        case 'R':
            return "%H:%M";
        case 'T':
        case 'X':
            return "%H:%M:%S";
        default:
            return NULL;
    }
}

static const char* reduced_by_one(const char* rest, int* value)
{
    *value -= rest == NULL ? 0 : 1;
    return rest;
}

static const char* full_year(const char* text, struct tm* tm, PARTS* parts)
{
    const char* rest = number(text, 4, 0, 9999, &tm->tm_year);
    tm->tm_year -= rest == NULL ? 0 : 1900;
    parts->century = parts->year = -1;
    return rest;
}

static const char* time_of_day(const char* text, char conversion, struct tm* tm, PARTS* parts)
{
    switch (conversion)
    {
        case 'H':
        case 'k':
            return number(text, 2, 0, 23, &tm->tm_hour);
        case 'I':
        case 'l':
            return number(text, 2, 1, 12, &tm->tm_hour);
        case 'M':
            return number(text, 2, 0, 59, &tm->tm_min);
        case 'p':
            return name(text, halves, 2, &parts->half);
        case 'S':
            return number(text, 2, 0, 60, &tm->tm_sec);
        case 'z':
            return zone(text, tm);
        case 'Z':
            return text + strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");
        default:
            return NULL;
    }
}

static const char* one(const char* text, char conversion, struct tm* tm, PARTS* parts)
{
    int unused;
    switch (conversion)
    {
        case 'a':
        case 'A':
            return name(text, days, 7, &tm->tm_wday);
        case 'b':
        case 'B':
        case 'h':
            return name(text, months, 12, &tm->tm_mon);
        case 'C':
            return number(text, 2, 0, 99, &parts->century);
        case 'd':
        case 'e':
            return number(text, 2, 1, 31, &tm->tm_mday);
        case 'j':
            return reduced_by_one(number(text, 3, 1, 366, &tm->tm_yday), &tm->tm_yday);
        case 'm':
            return reduced_by_one(number(text, 2, 1, 12, &tm->tm_mon), &tm->tm_mon);
        case 's':
            return seconds_since_1970(text, tm);
        case 'U':
        case 'W':
            return number(text, 2, 0, 53, &unused);
        case 'w':
            return number(text, 1, 0, 6, &tm->tm_wday);
        case 'y':
            return number(text, 2, 0, 99, &parts->year);
        case 'Y':
            return full_year(text, tm, parts);
        case '%':
            return *text == '%' ? text + 1 : NULL;
        default:
            return time_of_day(text, conversion, tm, parts);
    }
}

static const char* parse(const char* text, const char* format, struct tm* tm, PARTS* parts)
{
    while (*format != '\0' && text != NULL)
    {
        if (isspace((unsigned char)*format) || (*format == '%' && (format[1] == 'n' || format[1] == 't')))
        {
            format += *format == '%' ? 2 : 1;
            text += strspn(text, " \t\n\v\f\r");
        }
        else if (*format != '%')
        {
            text = *text == *format ? text + 1 : NULL;
            format++;
        }
        else
        {
            format += 1 + strspn(format + 1, "EO");
            text = written_out(*format) != NULL ? parse(text, written_out(*format), tm, parts) : one(text, *format, tm, parts);
            format += *format == '\0' ? 0 : 1;
        }
    }
    return text;
}

char* strptime(const char* restrict text, const char* restrict format, struct tm* restrict tm)
{
    PARTS parts = {.century = -1, .year = -1, .half = -1};
    const char* rest = parse(text, format, tm, &parts);
    if (rest == NULL)
    {
        return NULL;
    }
    if (parts.half >= 0)
    {
        tm->tm_hour = tm->tm_hour % 12 + 12 * parts.half;
    }
    if (parts.century >= 0)
    {
        tm->tm_year = parts.century * 100 - 1900 + (parts.year >= 0 ? parts.year : 0);
    }
    else if (parts.year >= 0)
    {
        tm->tm_year = parts.year + (parts.year < 69 ? 100 : 0); // 1969 to 2068
    }
    return (char*)rest;
}
