// What CURLOPT_VERBOSE writes, without what authorises: what that is, the host knows (src/masked.ts).
#include "verbose_log.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host.h"

#undef fwrite

// Enough for most texts that are masked; longer ones are put on the heap.
#define USUAL_LENGTH 512
// Before what is sent, which may come in parts; every other text ends with its line.
#define SENT '>'

// The beginning of a line of which the rest is not sent yet.
typedef struct BEGUN_LINE_TAG
{
    struct BEGUN_LINE_TAG* next;
    const void* handle;
    char* text;
    size_t length;
} BEGUN_LINE;

// One for each handle at most: a line of one may come between the parts of another's.
static BEGUN_LINE* begun_lines;

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

// Where the line of a handle is in the list, or the list's end.
static BEGUN_LINE** find_begun(const void* handle)
{
    BEGUN_LINE** at = &begun_lines;
    while (*at != NULL && (*at)->handle != handle)
    {
        at = &(*at)->next;
    }
    return at;
}

// Adds to the line that was begun, or begins one; NULL: there is no memory for it.
static BEGUN_LINE* add(const void* handle, const char* text, size_t length)
{
    BEGUN_LINE** at = find_begun(handle);
    char* longer;
    if (*at == NULL && (*at = calloc(1, sizeof(BEGUN_LINE))) == NULL)
    {
        return NULL;
    }
    (*at)->handle = handle;
    longer = realloc((*at)->text, (*at)->length + length);
    if (longer == NULL)
    {
        return NULL;
    }
    memcpy(longer + (*at)->length, text, length);
    (*at)->text = longer;
    (*at)->length += length;
    return *at;
}

static void forget_begun(const void* handle)
{
    BEGUN_LINE** at = find_begun(handle);
    BEGUN_LINE* line = *at;
    if (line != NULL)
    {
        *at = line->next;
        free(line->text);
        free(line);
    }
}

// Writes whole lines, and keeps the beginning of one for the next time: half of a secret is none that could be recognised.
static void write_sent(const void* handle, const char* text, size_t length, FILE* file)
{
    size_t whole = length;
    while (whole > 0 && text[whole - 1] != '\n')
    {
        whole--;
    }
    if (whole > 0 && *find_begun(handle) == NULL)
    {
        write_masked(text, whole, file);
    }
    else if (whole > 0)
    {
        const BEGUN_LINE* line = add(handle, text, whole);
        if (line != NULL)
        {
            write_masked(line->text, line->length, file);
        }
        forget_begun(handle);
    }
    if (whole < length && add(handle, text + whole, length - whole) == NULL)
    {
        forget_begun(handle);
    }
}

size_t write_without_secrets(const void* handle, const void* text, size_t size, size_t count, FILE* file)
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
        if (mark != SENT || *find_begun(handle) == NULL)
        {
            (void)fwrite(text, size, count, file);
        }
    }
    else if (is_sent)
    {
        write_sent(handle, at, length, file);
    }
    else
    {
        write_masked(at, length, file);
    }
    return count;
}

struct SingleRequest;
struct Curl_easy;

// curl's own: request.c is compiled with these names for them.
extern void curl_req_hard_reset(struct SingleRequest* request, struct Curl_easy* data);
extern void curl_req_free(struct SingleRequest* request, struct Curl_easy* data);

// curl calls it before each request. The one before may have broken off within a line.
void Curl_req_hard_reset(struct SingleRequest* request, struct Curl_easy* data)
{
    forget_begun(data);
    curl_req_hard_reset(request, data);
}

// curl calls it when the handle goes. Another one may have its address later.
void Curl_req_free(struct SingleRequest* request, struct Curl_easy* data)
{
    forget_begun(data);
    curl_req_free(request, data);
}
