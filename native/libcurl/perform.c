// A transfer. The HTTP of it is done in the host; here, the app's functions are called, and waits wait.
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "easy.h"
#include "tls_context.h"
#include "wait.h"

// How often an app is told of the progress, in milliseconds.
#define PROGRESS_INTERVAL 1000
// curl's own for a connection.
#define DEFAULT_CONNECT_TIMEOUT 300000
#define TEXT_SIZE 2048

// A text that grows.
typedef struct GROWING_TAG
{
    char* bytes;
    size_t size;
} GROWING;

static CURLcode append(GROWING* text, const char* bytes, size_t size)
{
    char* larger = realloc(text->bytes, text->size + size + 1);
    if (larger == NULL)
    {
        return CURLE_OUT_OF_MEMORY;
    }
    (void)memcpy(larger + text->size, bytes, size);
    text->bytes = larger;
    text->size += size;
    larger[text->size] = '\0';
    return CURLE_OK;
}

// ---- the app's functions

static size_t write_to_file(char* bytes, size_t size, size_t count, void* file)
{
    return fwrite(bytes, size, count, file == NULL ? stdout : (FILE*)file);
}

static size_t read_from_file(char* buffer, size_t size, size_t count, void* file)
{
    return file == NULL ? 0 : fread(buffer, size, count, (FILE*)file);
}

static CURLcode give(curl_write_callback write, char* bytes, size_t size, void* context)
{
    return size == 0 || write(bytes, 1, size, context) == size ? CURLE_OK : CURLE_WRITE_ERROR;
}

// The bytes of the body that are kept, unless the app pauses.
static CURLcode give_body(EASY* easy)
{
    const EASY_OPTIONS* options = &easy->options;
    size_t size = easy->kept;
    size_t taken = (options->write == NULL ? write_to_file : options->write)(easy->buffer, 1, size, options->write_data);
    if (taken == CURL_WRITEFUNC_PAUSE)
    {
        easy->paused = true;
        return CURLE_OK;
    }
    easy->kept = 0;
    easy->result.downloaded += (double)size;
    return taken == size ? CURLE_OK : CURLE_WRITE_ERROR;
}

static void trace(EASY* easy, curl_infotype type, const char* mark, char* lines, size_t size)
{
    size_t start = 0;
    if (!easy->options.verbose)
    {
        return;
    }
    if (easy->options.debug != NULL)
    {
        (void)easy->options.debug(easy, type, lines, size, easy->options.debug_data);
        return;
    }
    for (size_t i = 1; i < size; i++)
    {
        if (lines[i] == '\n')
        {
            (void)fprintf(stderr, "%s %.*s\n", mark, (int)(i - 1 - start), lines + start); // without its \r
            start = i + 1;
        }
    }
}

static void keep_content_type(EASY* easy, const char* line, size_t size)
{
    static const char name[] = "content-type:";
    size_t start = sizeof(name) - 1;
    if (size >= 5 && memcmp(line, "HTTP/", 5) == 0)
    {
        free(easy->result.content_type); // of an earlier response
        easy->result.content_type = NULL;
    }
    if (size <= start || strncasecmp(line, name, start) != 0)
    {
        return;
    }
    while (start < size && line[start] == ' ')
    {
        start++;
    }
    while (size > start && (line[size - 1] == '\n' || line[size - 1] == '\r'))
    {
        size--;
    }
    free(easy->result.content_type);
    easy->result.content_type = strndup(line + start, size - start);
}

static CURLcode give_header(EASY* easy, char* line, size_t size, double start)
{
    const EASY_OPTIONS* options = &easy->options;
    CURLcode result = CURLE_OK;
    if (easy->result.start_time == 0)
    {
        easy->result.start_time = host_clock_monotonic() - start;
    }
    keep_content_type(easy, line, size);
    trace(easy, CURLINFO_HEADER_IN, "<", line, size);
    if (options->with_header)
    {
        result = give(options->write == NULL ? write_to_file : options->write, line, size, options->write_data);
    }
    if (result == CURLE_OK && (options->header != NULL || options->header_data != NULL))
    {
        curl_write_callback header = options->header != NULL ? options->header : options->write;
        result = give(header == NULL ? write_to_file : header, line, size, options->header_data);
    }
    return result;
}

static CURLcode tell_progress(EASY* easy)
{
    const EASY_OPTIONS* options = &easy->options;
    const EASY_RESULT* result = &easy->result;
    double length = result->state.length < 0 ? 0 : result->state.length;
    int stop = 0;
    if (options->no_progress)
    {
        return CURLE_OK;
    }
    if (options->transfer != NULL)
    {
        stop = options->transfer(options->progress_data, (curl_off_t)length, (curl_off_t)result->downloaded,
                                 (curl_off_t)result->uploaded, (curl_off_t)result->uploaded);
    }
    else if (options->progress != NULL)
    {
        stop = options->progress(options->progress_data, length, result->downloaded, result->uploaded, result->uploaded);
    }
    return stop != 0 ? CURLE_ABORTED_BY_CALLBACK : CURLE_OK;
}

// ---- the request

// All that the app's read function gives.
static CURLcode read_upload(EASY* easy, curl_off_t size, GROWING* body)
{
    const EASY_OPTIONS* options = &easy->options;
    curl_read_callback read = options->read == NULL ? read_from_file : options->read;
    char* buffer = easy->buffer;
    while (size < 0 || (curl_off_t)body->size < size)
    {
        size_t count = read(buffer, 1, CURL_MAX_WRITE_SIZE, options->read_data);
        if (count == CURL_READFUNC_ABORT)
        {
            return CURLE_ABORTED_BY_CALLBACK;
        }
        if (count > CURL_MAX_WRITE_SIZE) // what pauses a transfer, too: nothing could ever end the pause
        {
            return CURLE_READ_ERROR;
        }
        if (count == 0)
        {
            return size < 0 ? CURLE_OK : CURLE_PARTIAL_FILE;
        }
        if (append(body, buffer, count) != CURLE_OK)
        {
            return CURLE_OUT_OF_MEMORY;
        }
    }
    body->size = size < 0 ? body->size : (size_t)size;
    return CURLE_OK;
}

static CURLcode make_body(EASY* easy, HOST_HTTP_REQUEST* request, GROWING* body)
{
    const EASY_OPTIONS* options = &easy->options;
    bool post = options->method == METHOD_POST;
    CURLcode result = CURLE_OK;
    if (!post && options->method != METHOD_PUT)
    {
        return CURLE_OK;
    }
    if (post && options->post_fields != NULL)
    {
        request->body = options->post_fields;
        request->body_size = options->post_size >= 0 ? (uint32_t)options->post_size : (uint32_t)strlen(options->post_fields);
    }
    else
    {
        result = append(body, "", 0);
        result = result == CURLE_OK ? read_upload(easy, post ? options->post_size : options->upload_size, body) : result;
        request->body = body->bytes;
        request->body_size = (uint32_t)body->size;
    }
    easy->result.uploaded = request->body_size;
    return result;
}

static CURLcode make_headers(const EASY* easy, HOST_HTTP_REQUEST* request, GROWING* headers)
{
    for (const struct curl_slist* next = easy->options.headers; next != NULL; next = next->next)
    {
        if (append(headers, next->data, strlen(next->data)) != CURLE_OK || append(headers, "\n", 1) != CURLE_OK)
        {
            return CURLE_OUT_OF_MEMORY;
        }
    }
    request->headers = headers->bytes;
    return CURLE_OK;
}

// Joins a name and a password, unless there is a text with both.
static CURLcode make_user(const char* both, const char* name, const char* password, const char** user, GROWING* joined)
{
    *user = both;
    if (both != NULL || name == NULL)
    {
        return CURLE_OK;
    }
    password = password == NULL ? "" : password;
    if (append(joined, name, strlen(name)) != CURLE_OK || append(joined, ":", 1) != CURLE_OK ||
        append(joined, password, strlen(password)) != CURLE_OK)
    {
        return CURLE_OUT_OF_MEMORY;
    }
    *user = joined->bytes;
    return CURLE_OK;
}

// Lets the app change what TLS uses.
static CURLcode make_tls(EASY* easy, HOST_HTTP_REQUEST* request)
{
    TLS_CONTEXT context = {false};
    CURLcode result;
    if (easy->options.ssl == NULL || strncasecmp(easy->options.url, "https:", 6) != 0)
    {
        return CURLE_OK;
    }
    result = easy->options.ssl(easy, &context, easy->options.ssl_data);
    request->flags |= context.device_auth ? HOST_HTTP_DEVICE_AUTH : 0;
    return result;
}

typedef struct PARTS_TAG
{
    GROWING headers;
    GROWING body;
    GROWING user;
    GROWING proxy_user;
} PARTS;

static CURLcode make_request(EASY* easy, HOST_HTTP_REQUEST* request, PARTS* parts)
{
    static const char* const methods[] = {"GET", "POST", "PUT", "HEAD"};
    const EASY_OPTIONS* options = &easy->options;
    CURLcode result;
    *request = (HOST_HTTP_REQUEST){
        .url = options->url,
        .method = options->custom_request != NULL ? options->custom_request : methods[options->method],
        .user_agent = options->user_agent,
        .referer = options->referer,
        .cookie = options->cookie,
        .range = options->range,
        .accept_encoding = options->accept_encoding,
        .ca_file = options->ca_info,
        .ca_folder = options->ca_path,
        .certificate = options->certificate,
        .key = options->key,
        .key_password = options->key_password,
        .proxy = options->proxy,
        .no_proxy = options->no_proxy,
        .proxy_port = (uint32_t)options->proxy_port,
        .port = (uint32_t)options->port,
        .protocols = (uint32_t)options->protocols,
        .redirect_protocols = (uint32_t)options->redirect_protocols,
        .most_redirects = options->most_redirects,
        .flags = (options->follow != 0 ? HOST_HTTP_FOLLOW : 0) | (options->verify_peer != 0 ? HOST_HTTP_VERIFY_PEER : 0) |
                 (options->verify_host != 0 ? HOST_HTTP_VERIFY_HOST : 0) | (options->tunnel != 0 ? HOST_HTTP_TUNNEL : 0) |
                 (options->post_redirects != 0 ? HOST_HTTP_KEEP_POST : 0)};
    result = make_tls(easy, request);
    result = result != CURLE_OK ? result : make_headers(easy, request, &parts->headers);
    result = result != CURLE_OK
                 ? result
                 : make_user(options->user_password, options->user, options->password, &request->user, &parts->user);
    result = result != CURLE_OK ? result
                                : make_user(options->proxy_user_password, options->proxy_user, options->proxy_password,
                                            &request->proxy_user, &parts->proxy_user);
    return result != CURLE_OK ? result : make_body(easy, request, &parts->body);
}

static int start_exchange(EASY* easy, CURLcode* result)
{
    PARTS parts = {0};
    HOST_HTTP_REQUEST request;
    int exchange = -1;
    *result = make_request(easy, &request, &parts);
    if (*result == CURLE_OK)
    {
        exchange = host_http_start(&request);
    }
    free(parts.headers.bytes);
    free(parts.body.bytes);
    free(parts.user.bytes);
    free(parts.proxy_user.bytes);
    return exchange;
}

// ---- the exchange

static char* text_of(int exchange, int which)
{
    static char text[TEXT_SIZE];
    return host_http_text(exchange, which, text, sizeof(text)) == 0 ? NULL : text;
}

static char* copy_of(int exchange, int which)
{
    const char* text = text_of(exchange, which);
    return text == NULL ? NULL : strdup(text);
}

static void set_error(EASY* easy, const char* text)
{
    if (easy->options.error_buffer != NULL)
    {
        (void)snprintf(easy->options.error_buffer, CURL_ERROR_SIZE, "%s", text);
    }
}

// When the transfer, or before its first answer the connection, has taken too long.
static double end_of(const EASY* easy, double start)
{
    double timeout = easy->options.timeout > 0 ? easy->options.timeout : INFINITY;
    double connect = easy->options.connect_timeout > 0 ? easy->options.connect_timeout : DEFAULT_CONNECT_TIMEOUT;
    return start + (easy->result.state.request_size > 0 ? timeout : fmin(timeout, connect));
}

// Waits for more: CURLE_OK, or CURLE_OPERATION_TIMEDOUT.
static CURLcode wait_for_news(const EASY* easy, double start)
{
    double now = host_clock_monotonic();
    double end = end_of(easy, start);
    bool tells = !easy->options.no_progress && (easy->options.transfer != NULL || easy->options.progress != NULL);
    if (now >= end)
    {
        return CURLE_OPERATION_TIMEDOUT;
    }
    (void)app_wait(tells ? fmin(end, now + PROGRESS_INTERVAL) : end); // a signal ends no transfer
    return CURLE_OK;
}

// What came next, and what the app makes of it. `ended`: nothing more comes.
static CURLcode take_news(EASY* easy, int exchange, double start, bool* ended)
{
    HOST_HTTP_STATE* state = &easy->result.state;
    char* buffer = easy->buffer;
    uint32_t size = 0;
    int kind;
    if (easy->paused)
    {
        return wait_for_news(easy, start);
    }
    if (easy->kept > 0)
    {
        return give_body(easy);
    }
    kind = host_http_next(exchange, buffer, CURL_MAX_WRITE_SIZE, &size);
    host_http_state(exchange, state);
    switch (kind)
    {
        case HOST_HTTP_SENT:
            trace(easy, CURLINFO_HEADER_OUT, ">", buffer, size);
            return CURLE_OK;
        case HOST_HTTP_HEADER:
            if (easy->options.fail_on_error && state->status >= 400)
            {
                return CURLE_HTTP_RETURNED_ERROR;
            }
            return give_header(easy, buffer, size, start);
        case HOST_HTTP_BODY:
            easy->kept = size;
            return size == 0 ? CURLE_OK : give_body(easy);
        case HOST_HTTP_END:
            *ended = true;
            return CURLE_OK;
        case HOST_HTTP_FAILED:
            return (CURLcode)state->error;
        default:
            return wait_for_news(easy, start);
    }
}

static CURLcode transfer(EASY* easy)
{
    CURLcode result;
    bool ended = false;
    double start = host_clock_monotonic();
    int exchange = start_exchange(easy, &result);
    if (result != CURLE_OK)
    {
        return result;
    }
    while (result == CURLE_OK && !ended)
    {
        result = take_news(easy, exchange, start, &ended);
        result = result == CURLE_OK ? tell_progress(easy) : result;
    }
    easy->result.effective_url = copy_of(exchange, HOST_HTTP_URL);
    easy->result.redirect_url = copy_of(exchange, HOST_HTTP_REDIRECT_URL);
    easy->result.total_time = host_clock_monotonic() - start;
    if (result != CURLE_OK)
    {
        const char* why = text_of(exchange, HOST_HTTP_ERROR);
        set_error(easy, why != NULL ? why : curl_easy_strerror(result));
    }
    host_http_close(exchange);
    return result;
}

CURLcode curl_easy_perform(CURL* handle)
{
    EASY* easy = handle;
    CURLcode result;
    if (easy == NULL)
    {
        return CURLE_BAD_FUNCTION_ARGUMENT;
    }
    if (easy->performing)
    {
        return CURLE_RECURSIVE_API_CALL;
    }
    set_error(easy, "");
    easy_forget_result(easy);
    if (easy->options.url == NULL)
    {
        set_error(easy, "No URL was set.");
        return CURLE_URL_MALFORMAT;
    }
    easy->buffer = malloc(CURL_MAX_WRITE_SIZE);
    if (easy->buffer == NULL)
    {
        return CURLE_OUT_OF_MEMORY;
    }
    easy->kept = 0;
    easy->paused = false;
    easy->performing = true;
    result = transfer(easy);
    easy->performing = false;
    free(easy->buffer);
    easy->buffer = NULL;
    return result;
}

CURLcode curl_easy_pause(CURL* handle, int what)
{
    EASY* easy = handle;
    if (easy == NULL || !easy->performing)
    {
        return CURLE_BAD_FUNCTION_ARGUMENT;
    }
    easy->paused = (what & CURLPAUSE_RECV) != 0;
    return CURLE_OK;
}
