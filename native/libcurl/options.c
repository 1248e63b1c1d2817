// Handles and their options.
#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <applibs/log.h>

#include "easy.h"

typedef enum KIND_TAG
{
    TEXT,
    NUMBER,
    SECONDS, // kept in milliseconds
    SIZE,    // a long that is kept as a curl_off_t
    LARGE,
    POINTER,
    IGNORED // taken, and of no effect
} KIND;

#define AT(field) offsetof(EASY_OPTIONS, field)

static const struct
{
    CURLoption option;
    KIND kind;
    size_t at;
} known[] = {
    {CURLOPT_URL, TEXT, AT(url)},
    {CURLOPT_CUSTOMREQUEST, TEXT, AT(custom_request)},
    {CURLOPT_USERAGENT, TEXT, AT(user_agent)},
    {CURLOPT_REFERER, TEXT, AT(referer)},
    {CURLOPT_COOKIE, TEXT, AT(cookie)},
    {CURLOPT_RANGE, TEXT, AT(range)},
    {CURLOPT_ACCEPT_ENCODING, TEXT, AT(accept_encoding)},
    {CURLOPT_USERPWD, TEXT, AT(user_password)},
    {CURLOPT_USERNAME, TEXT, AT(user)},
    {CURLOPT_PASSWORD, TEXT, AT(password)},
    {CURLOPT_CAINFO, TEXT, AT(ca_info)},
    {CURLOPT_CAPATH, TEXT, AT(ca_path)},
    {CURLOPT_SSLCERT, TEXT, AT(certificate)},
    {CURLOPT_SSLKEY, TEXT, AT(key)},
    {CURLOPT_KEYPASSWD, TEXT, AT(key_password)},
    {CURLOPT_PROXY, TEXT, AT(proxy)},
    {CURLOPT_PROXYUSERPWD, TEXT, AT(proxy_user_password)},
    {CURLOPT_PROXYUSERNAME, TEXT, AT(proxy_user)},
    {CURLOPT_PROXYPASSWORD, TEXT, AT(proxy_password)},
    {CURLOPT_NOPROXY, TEXT, AT(no_proxy)},
    {CURLOPT_PORT, NUMBER, AT(port)},
    {CURLOPT_TIMEOUT, SECONDS, AT(timeout)},
    {CURLOPT_TIMEOUT_MS, NUMBER, AT(timeout)},
    {CURLOPT_CONNECTTIMEOUT, SECONDS, AT(connect_timeout)},
    {CURLOPT_CONNECTTIMEOUT_MS, NUMBER, AT(connect_timeout)},
    {CURLOPT_FOLLOWLOCATION, NUMBER, AT(follow)},
    {CURLOPT_MAXREDIRS, NUMBER, AT(most_redirects)},
    {CURLOPT_POSTREDIR, NUMBER, AT(post_redirects)},
    {CURLOPT_PROTOCOLS, NUMBER, AT(protocols)},
    {CURLOPT_REDIR_PROTOCOLS, NUMBER, AT(redirect_protocols)},
    {CURLOPT_SSL_VERIFYPEER, NUMBER, AT(verify_peer)},
    {CURLOPT_SSL_VERIFYHOST, NUMBER, AT(verify_host)},
    {CURLOPT_PROXYPORT, NUMBER, AT(proxy_port)},
    {CURLOPT_HTTPPROXYTUNNEL, NUMBER, AT(tunnel)},
    {CURLOPT_VERBOSE, NUMBER, AT(verbose)},
    {CURLOPT_HEADER, NUMBER, AT(with_header)},
    {CURLOPT_NOPROGRESS, NUMBER, AT(no_progress)},
    {CURLOPT_FAILONERROR, NUMBER, AT(fail_on_error)},
    {CURLOPT_POSTFIELDSIZE, SIZE, AT(post_size)},
    {CURLOPT_POSTFIELDSIZE_LARGE, LARGE, AT(post_size)},
    {CURLOPT_INFILESIZE, SIZE, AT(upload_size)},
    {CURLOPT_INFILESIZE_LARGE, LARGE, AT(upload_size)},
    {CURLOPT_HTTPHEADER, POINTER, AT(headers)},
    {CURLOPT_ERRORBUFFER, POINTER, AT(error_buffer)},
    {CURLOPT_PRIVATE, POINTER, AT(private_data)},
    {CURLOPT_WRITEDATA, POINTER, AT(write_data)},
    {CURLOPT_READDATA, POINTER, AT(read_data)},
    {CURLOPT_HEADERDATA, POINTER, AT(header_data)},
    {CURLOPT_XFERINFODATA, POINTER, AT(progress_data)},
    {CURLOPT_DEBUGDATA, POINTER, AT(debug_data)},
    {CURLOPT_SSL_CTX_DATA, POINTER, AT(ssl_data)},
    {CURLOPT_WRITEFUNCTION, POINTER, AT(write)},
    {CURLOPT_READFUNCTION, POINTER, AT(read)},
    {CURLOPT_HEADERFUNCTION, POINTER, AT(header)},
    {CURLOPT_PROGRESSFUNCTION, POINTER, AT(progress)},
    {CURLOPT_XFERINFOFUNCTION, POINTER, AT(transfer)},
    {CURLOPT_DEBUGFUNCTION, POINTER, AT(debug)},
    {CURLOPT_SSL_CTX_FUNCTION, POINTER, AT(ssl)},
    // How a connection is made and kept is the host's.
    {CURLOPT_SSLVERSION, IGNORED, 0},
    {CURLOPT_SSL_CIPHER_LIST, IGNORED, 0},
    {CURLOPT_SSL_SESSIONID_CACHE, IGNORED, 0},
    {CURLOPT_SSL_OPTIONS, IGNORED, 0},
    {CURLOPT_SSLCERTTYPE, IGNORED, 0},
    {CURLOPT_SSLKEYTYPE, IGNORED, 0},
    {CURLOPT_HTTP_VERSION, IGNORED, 0},
    {CURLOPT_HTTPAUTH, IGNORED, 0},
    {CURLOPT_PROXYAUTH, IGNORED, 0},
    {CURLOPT_HEADEROPT, IGNORED, 0},
    {CURLOPT_TCP_NODELAY, IGNORED, 0},
    {CURLOPT_TCP_KEEPALIVE, IGNORED, 0},
    {CURLOPT_TCP_KEEPIDLE, IGNORED, 0},
    {CURLOPT_TCP_KEEPINTVL, IGNORED, 0},
    {CURLOPT_FRESH_CONNECT, IGNORED, 0},
    {CURLOPT_FORBID_REUSE, IGNORED, 0},
    {CURLOPT_MAXCONNECTS, IGNORED, 0},
    {CURLOPT_DNS_CACHE_TIMEOUT, IGNORED, 0},
    {CURLOPT_IPRESOLVE, IGNORED, 0},
    {CURLOPT_NOSIGNAL, IGNORED, 0},
    {CURLOPT_BUFFERSIZE, IGNORED, 0},
    {CURLOPT_LOW_SPEED_LIMIT, IGNORED, 0},
    {CURLOPT_LOW_SPEED_TIME, IGNORED, 0},
    {CURLOPT_EXPECT_100_TIMEOUT_MS, IGNORED, 0},
};
#define KNOWN_COUNT (sizeof(known) / sizeof(known[0]))

static const EASY_OPTIONS defaults = {.most_redirects = -1,
                                      .protocols = CURLPROTO_HTTP | CURLPROTO_HTTPS,
                                      .redirect_protocols = CURLPROTO_HTTP | CURLPROTO_HTTPS,
                                      .verify_peer = 1,
                                      .verify_host = 2,
                                      .no_progress = 1,
                                      .post_size = -1,
                                      .upload_size = -1};

static char** text_at(EASY* easy, size_t at)
{
    return (char**)((char*)&easy->options + at);
}

// ---- handles

CURL* curl_easy_init(void)
{
    EASY* easy = calloc(1, sizeof(EASY));
    if (easy != NULL)
    {
        easy->options = defaults;
    }
    return easy;
}

void easy_forget_result(EASY* easy)
{
    free(easy->result.content_type);
    free(easy->result.effective_url);
    free(easy->result.redirect_url);
    easy->result = (EASY_RESULT){.state = {.length = -1}};
}

void curl_easy_reset(CURL* handle)
{
    EASY* easy = handle;
    for (size_t i = 0; i < KNOWN_COUNT; i++)
    {
        if (known[i].kind == TEXT)
        {
            free(*text_at(easy, known[i].at));
        }
    }
    free(easy->options.copied_post_fields);
    easy->options = defaults;
}

void curl_easy_cleanup(CURL* handle)
{
    EASY* easy = handle;
    if (easy == NULL)
    {
        return;
    }
    curl_easy_reset(easy);
    easy_forget_result(easy);
    free(easy);
}

// Sets a text to a copy; CURLE_OUT_OF_MEMORY.
static CURLcode copy_text(char** at, const char* text)
{
    char* copy = text == NULL ? NULL : strdup(text);
    if (text != NULL && copy == NULL)
    {
        return CURLE_OUT_OF_MEMORY;
    }
    free(*at);
    *at = copy;
    return CURLE_OK;
}

CURL* curl_easy_duphandle(CURL* handle)
{
    EASY* from = handle;
    EASY* to = curl_easy_init();
    if (to == NULL)
    {
        return NULL;
    }
    to->options = from->options;
    to->options.copied_post_fields = NULL;
    for (size_t i = 0; i < KNOWN_COUNT; i++)
    {
        if (known[i].kind == TEXT)
        {
            *text_at(to, known[i].at) = NULL;
        }
    }
    for (size_t i = 0; i < KNOWN_COUNT; i++)
    {
        if (known[i].kind == TEXT && copy_text(text_at(to, known[i].at), *text_at(from, known[i].at)) != CURLE_OK)
        {
            curl_easy_cleanup(to);
            return NULL;
        }
    }
    if (from->options.copied_post_fields != NULL &&
        curl_easy_setopt(to, CURLOPT_COPYPOSTFIELDS, from->options.copied_post_fields) != CURLE_OK)
    {
        curl_easy_cleanup(to);
        return NULL;
    }
    return to;
}

// ---- options

static void set_post_fields(EASY_OPTIONS* options, const void* fields)
{
    free(options->copied_post_fields);
    options->copied_post_fields = NULL;
    options->post_fields = fields;
    options->method = METHOD_POST;
}

static CURLcode copy_post_fields(EASY_OPTIONS* options, const char* fields)
{
    size_t size = fields == NULL ? 0 : options->post_size >= 0 ? (size_t)options->post_size : strlen(fields);
    char* copy = fields == NULL ? NULL : malloc(size + 1);
    if (fields != NULL && copy == NULL)
    {
        return CURLE_OUT_OF_MEMORY;
    }
    if (copy != NULL)
    {
        (void)memcpy(copy, fields, size);
        copy[size] = '\0';
    }
    set_post_fields(options, copy);
    options->copied_post_fields = copy;
    return CURLE_OK;
}

// The options that say what kind of request it is; false: it is none of them.
static bool set_method(EASY_OPTIONS* options, CURLoption option, long on)
{
    METHOD method = option == CURLOPT_POST                                ? METHOD_POST
                    : option == CURLOPT_UPLOAD || option == CURLOPT_PUT ? METHOD_PUT
                    : option == CURLOPT_NOBODY                            ? METHOD_HEAD
                                                                          : METHOD_GET;
    if (method == METHOD_GET && option != CURLOPT_HTTPGET)
    {
        return false;
    }
    if (on != 0)
    {
        options->method = method;
    }
    else if (options->method == method)
    {
        options->method = METHOD_GET;
    }
    return true;
}

static CURLcode refuse(CURLoption option)
{
    (void)Log_Debug("[sphere-iot] curl_easy_setopt: option %d is not there, and answers CURLE_UNKNOWN_OPTION.\n", (int)option);
    return CURLE_UNKNOWN_OPTION;
}

CURLcode curl_easy_setopt(CURL* handle, CURLoption option, ...)
{
    EASY* easy = handle;
    CURLcode result = CURLE_OK;
    va_list arguments;
    char* field;
    size_t i = 0;
    if (easy == NULL)
    {
        return CURLE_BAD_FUNCTION_ARGUMENT;
    }
    while (i < KNOWN_COUNT && known[i].option != option)
    {
        i++;
    }
    va_start(arguments, option);
    field = (char*)&easy->options + (i < KNOWN_COUNT ? known[i].at : 0);
    switch (i < KNOWN_COUNT ? (int)known[i].kind : -1)
    {
        case TEXT:
            result = copy_text((char**)field, va_arg(arguments, const char*));
            break;
        case NUMBER:
            *(long*)field = va_arg(arguments, long);
            break;
        case SECONDS:
            *(long*)field = va_arg(arguments, long) * 1000;
            break;
        case SIZE:
            *(curl_off_t*)field = va_arg(arguments, long);
            break;
        case LARGE:
            *(curl_off_t*)field = va_arg(arguments, curl_off_t);
            break;
        case POINTER:
            *(void**)field = va_arg(arguments, void*);
            break;
        case IGNORED:
            break;
        default:
            if (option == CURLOPT_POSTFIELDS)
            {
                set_post_fields(&easy->options, va_arg(arguments, const void*));
            }
            else if (option == CURLOPT_COPYPOSTFIELDS)
            {
                result = copy_post_fields(&easy->options, va_arg(arguments, const char*));
            }
            else if (option == CURLOPT_PROXYTYPE)
            {
                result = va_arg(arguments, long) == CURLPROXY_HTTP ? CURLE_OK : refuse(option);
            }
            else if (option >= CURLOPTTYPE_OBJECTPOINT || !set_method(&easy->options, option, va_arg(arguments, long)))
            {
                result = refuse(option);
            }
            break;
    }
    va_end(arguments);
    return result;
}
