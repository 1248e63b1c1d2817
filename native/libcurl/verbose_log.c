// What CURLOPT_VERBOSE writes, without what authorises: what that is, the host knows (src/masked.ts).
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host.h"

// Enough for most texts that are masked; longer ones are put on the heap.
#define USUAL_LENGTH 512
// Before what is sent, which may come in parts; every other text ends with its line.
#define SENT '>'

// The beginning of a line of which the rest is not sent yet.
static char* begun;
static size_t begun_length;

static void write_masked(const char* text, size_t length, FILE* file)
{
    char usual[USUAL_LENGTH];
    char* masked = usual;
    size_t size = host_app_masked(text, length, usual, sizeof(usual));
    if (size > sizeof(usual))
    {
        masked = malloc(size);
        if (masked == NULL)
        {
            (void)fputs("[not shown: no memory]\n", file);
            return;
        }
        (void)host_app_masked(text, length, masked, size);
    }
    (void)fwrite(masked, 1, size, file);
    if (masked != usual)
    {
        free(masked);
    }
}

// Adds to the line that was begun; false: there is no memory for it.
static bool add(const char* text, size_t length)
{
    char* longer = realloc(begun, begun_length + length);
    if (longer == NULL)
    {
        return false;
    }
    memcpy(longer + begun_length, text, length);
    begun = longer;
    begun_length += length;
    return true;
}

static void forget_begun(void)
{
    free(begun);
    begun = NULL;
    begun_length = 0;
}

// Writes whole lines, and keeps the beginning of one for the next time: half of a secret is none that could be recognised.
static void write_sent(const char* text, size_t length, FILE* file)
{
    size_t whole = length;
    while (whole > 0 && text[whole - 1] != '\n')
    {
        whole--;
    }
    if (whole > 0 && begun_length == 0)
    {
        write_masked(text, whole, file);
    }
    else if (whole > 0)
    {
        if (add(text, whole))
        {
            write_masked(begun, begun_length, file);
        }
        forget_begun();
    }
    if (whole < length && !add(text + whole, length - whole))
    {
        forget_begun();
    }
}

// What curl_trc.c calls in the place of fwrite: as that, but what is secret is masked. It is called for the mark of a text, "> " or
// its like, and then for the text.
size_t write_without_secrets(const void* text, size_t size, size_t count, FILE* file)
{
    static char mark = '\0';
    const char* at = text;
    size_t length = size * count;
    bool is_sent = mark == SENT;
    bool is_mark = mark == '\0' && length == 2 && at[1] == ' ';
    mark = is_mark ? at[0] : '\0';
    if (is_mark)
    {
        // The rest of a line that was begun stands right after its beginning.
        if (mark != SENT || begun_length == 0)
        {
            (void)fwrite(text, size, count, file);
        }
    }
    else if (is_sent)
    {
        write_sent(at, length, file);
    }
    else
    {
        write_masked(at, length, file);
    }
    return count;
}
