// Lists, percent-encoding, and what belongs to no handle.
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "easy.h"

CURLcode curl_global_init(long flags)
{
    (void)flags;
    return CURLE_OK;
}

void curl_global_cleanup(void)
{
}

char* curl_version(void)
{
    static char version[] = "libcurl/" LIBCURL_VERSION " sphere-iot";
    return version;
}

void curl_free(void* memory)
{
    free(memory);
}

struct curl_slist* curl_slist_append(struct curl_slist* list, const char* text)
{
    struct curl_slist* added = calloc(1, sizeof(*added));
    struct curl_slist* last = list;
    if (added == NULL || text == NULL || (added->data = strdup(text)) == NULL)
    {
        free(added);
        return NULL;
    }
    while (last != NULL && last->next != NULL)
    {
        last = last->next;
    }
    if (last == NULL)
    {
        return added;
    }
    last->next = added;
    return list;
}

void curl_slist_free_all(struct curl_slist* list)
{
    while (list != NULL)
    {
        struct curl_slist* next = list->next;
        free(list->data);
        free(list);
        list = next;
    }
}

char* curl_easy_escape(CURL* handle, const char* text, int length)
{
    static const char digits[] = "0123456789ABCDEF";
    size_t size = text == NULL || length < 0 ? 0 : length == 0 ? strlen(text) : (size_t)length;
    char* result = text == NULL || length < 0 ? NULL : malloc(3 * size + 1);
    char* at = result;
    (void)handle;
    for (size_t i = 0; result != NULL && i < size; i++)
    {
        unsigned char byte = (unsigned char)text[i];
        if (isalnum(byte) || (byte != '\0' && strchr("-._~", byte) != NULL))
        {
            *at++ = (char)byte;
            continue;
        }
        *at++ = '%';
        *at++ = digits[byte >> 4];
        *at++ = digits[byte & 15];
    }
    if (result != NULL)
    {
        *at = '\0';
    }
    return result;
}

static int value_of(char digit)
{
    return isdigit((unsigned char)digit) ? digit - '0' : tolower((unsigned char)digit) - 'a' + 10;
}

char* curl_easy_unescape(CURL* handle, const char* text, int length, int* result_length)
{
    size_t size = text == NULL || length < 0 ? 0 : length == 0 ? strlen(text) : (size_t)length;
    char* result = text == NULL || length < 0 ? NULL : malloc(size + 1);
    size_t count = 0;
    (void)handle;
    for (size_t i = 0; result != NULL && i < size; i++)
    {
        if (text[i] == '%' && i + 2 < size && isxdigit((unsigned char)text[i + 1]) && isxdigit((unsigned char)text[i + 2]))
        {
            result[count++] = (char)(value_of(text[i + 1]) * 16 + value_of(text[i + 2]));
            i += 2;
        }
        else
        {
            result[count++] = text[i];
        }
    }
    if (result != NULL)
    {
        result[count] = '\0';
    }
    if (result_length != NULL)
    {
        *result_length = (int)count;
    }
    return result;
}

char* curl_escape(const char* text, int length)
{
    return curl_easy_escape(NULL, text, length);
}

char* curl_unescape(const char* text, int length)
{
    return curl_easy_unescape(NULL, text, length, NULL);
}

const char* curl_easy_strerror(CURLcode code)
{
    static const struct
    {
        CURLcode code;
        const char* text;
    } texts[] = {
        {CURLE_OK, "No error"},
        {CURLE_UNSUPPORTED_PROTOCOL, "The protocol is not supported"},
        {CURLE_FAILED_INIT, "Initialisation failed"},
        {CURLE_URL_MALFORMAT, "The URL is malformed"},
        {CURLE_NOT_BUILT_IN, "A feature is not there"},
        {CURLE_COULDNT_RESOLVE_PROXY, "The proxy's name can't be resolved"},
        {CURLE_COULDNT_RESOLVE_HOST, "The host's name can't be resolved"},
        {CURLE_COULDNT_CONNECT, "The server can't be connected to"},
        {CURLE_WEIRD_SERVER_REPLY, "The server's answer is not understood"},
        {CURLE_PARTIAL_FILE, "Less was transferred than announced"},
        {CURLE_HTTP_RETURNED_ERROR, "The server answered with an error"},
        {CURLE_WRITE_ERROR, "What was received can't be written"},
        {CURLE_READ_ERROR, "What is to be sent can't be read"},
        {CURLE_OUT_OF_MEMORY, "Out of memory"},
        {CURLE_OPERATION_TIMEDOUT, "The time is up"},
        {CURLE_SSL_CONNECT_ERROR, "TLS can't be established"},
        {CURLE_ABORTED_BY_CALLBACK, "A function of the application ended the transfer"},
        {CURLE_BAD_FUNCTION_ARGUMENT, "A function was given a bad argument"},
        {CURLE_TOO_MANY_REDIRECTS, "Too many redirections"},
        {CURLE_UNKNOWN_OPTION, "The option is not known"},
        {CURLE_GOT_NOTHING, "The server answered nothing"},
        {CURLE_SEND_ERROR, "Sending failed"},
        {CURLE_RECV_ERROR, "Receiving failed"},
        {CURLE_SSL_CERTPROBLEM, "The client's certificate can't be used"},
        {CURLE_PEER_FAILED_VERIFICATION, "The server's certificate is not trusted, or another host's"},
        {CURLE_BAD_CONTENT_ENCODING, "The encoding of the content is not known, or broken"},
        {CURLE_SSL_CACERT_BADFILE, "The file of trusted certificates can't be read"},
        {CURLE_RECURSIVE_API_CALL, "The handle is performing already"},
    };
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
    {
        if (texts[i].code == code)
        {
            return texts[i].text;
        }
    }
    return "Unknown error";
}
