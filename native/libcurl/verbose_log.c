// What CURLOPT_VERBOSE writes, without what authorises.
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

static const char* const secret_fields[] = {"Authorization:", "Proxy-Authorization:", "Cookie:", "Set-Cookie:"};

// Of a SAS in a URL, plain or encoded, and of a connection string.
static const char* const secret_parameters[] = {"sig=", "sig%3d", "sig%253d", "SharedAccessKey="};

// How much of a line is shown where it is the field of a header that authorises; 0: all of it.
static size_t shown_of(const char* line, size_t size)
{
    for (size_t i = 0; i < sizeof(secret_fields) / sizeof(secret_fields[0]); i++)
    {
        size_t length = strlen(secret_fields[i]);
        if (size > length && strncasecmp(line, secret_fields[i], length) == 0)
        {
            return length;
        }
    }
    return 0;
}

// Where a name of secret_parameters and what separates it from its value end, if a text begins with one; 0: it does not.
static size_t parameter_of(const char* text, size_t size)
{
    for (size_t i = 0; i < sizeof(secret_parameters) / sizeof(secret_parameters[0]); i++)
    {
        size_t length = strlen(secret_parameters[i]);
        if (size > length && strncasecmp(text, secret_parameters[i], length) == 0)
        {
            return length;
        }
    }
    return 0;
}

// Writes a line, without the values of such parameters, which end where a URL's parameter does.
static void write_line(const char* line, size_t size, FILE* file)
{
    size_t written = 0;
    for (size_t at = 0; at < size;)
    {
        size_t name = parameter_of(line + at, size - at);
        if (name == 0)
        {
            at++;
            continue;
        }
        at += name;
        (void)fwrite(line + written, 1, at - written, file);
        (void)fputs("(masked)", file);
        while (at < size && strchr("&; \t\r\n\"'\\", line[at]) == NULL)
        {
            at++;
        }
        written = at;
    }
    (void)fwrite(line + written, 1, size - written, file);
}

// What curl_trc.c calls in the place of fwrite. As fwrite, but of header fields that authorise it writes no more than their names, and
// of a SAS in a URL all but its signature.
size_t write_without_secrets(const void* text, size_t size, size_t count, FILE* file)
{
    static bool hiding = false; // the rest of such a line is still to come
    const char* at = text;
    const char* end = at + size * count;
    bool marks = size * count == 2 && at[1] == ' '; // "> " and its like, before a text
    while (at < end)
    {
        const char* line_end = memchr(at, '\n', (size_t)(end - at));
        size_t length = (size_t)((line_end == NULL ? end : line_end + 1) - at);
        size_t shown = hiding && !marks ? 0 : shown_of(at, length);
        if (hiding && !marks)
        {
            hiding = line_end == NULL;
        }
        else if (shown == 0)
        {
            write_line(at, length, file);
        }
        else
        {
            (void)fwrite(at, 1, shown, file);
            (void)fputs(" [not shown]\n", file);
            hiding = line_end == NULL;
        }
        at += length;
    }
    return count;
}
