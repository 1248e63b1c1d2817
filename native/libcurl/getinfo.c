#include <stdarg.h>

#include "easy.h"

static const char* text_of(const EASY* easy, CURLINFO info, bool* known)
{
    switch (info)
    {
        case CURLINFO_EFFECTIVE_URL:
            return easy->result.effective_url != NULL ? easy->result.effective_url
                   : easy->options.url != NULL        ? easy->options.url
                                                      : "";
        case CURLINFO_CONTENT_TYPE:
            return easy->result.content_type;
        case CURLINFO_REDIRECT_URL:
            return easy->result.redirect_url;
        case CURLINFO_PRIVATE:
            return easy->options.private_data;
        default:
            *known = false;
            return NULL;
    }
}

static long number_of(const EASY_RESULT* result, CURLINFO info, bool* known)
{
    switch (info)
    {
        case CURLINFO_RESPONSE_CODE:
            return (long)result->state.status;
        case CURLINFO_HEADER_SIZE:
            return (long)result->state.header_size;
        case CURLINFO_REQUEST_SIZE:
            return (long)result->state.request_size;
        case CURLINFO_REDIRECT_COUNT:
            return (long)result->state.redirects;
        case CURLINFO_NUM_CONNECTS:
            return (long)result->state.redirects + 1;
        case CURLINFO_SSL_VERIFYRESULT:
        case CURLINFO_OS_ERRNO:
        case CURLINFO_HTTP_CONNECTCODE:
            return 0;
        default:
            *known = false;
            return 0;
    }
}

// Also the ones of other types that count the same.
static double quantity_of(const EASY_RESULT* result, int info, bool* known)
{
    double seconds = result->total_time / 1000;
    switch (info)
    {
        case CURLINFO_TOTAL_TIME & CURLINFO_MASK:
            return seconds;
        case CURLINFO_STARTTRANSFER_TIME & CURLINFO_MASK:
            return result->start_time / 1000;
        case CURLINFO_NAMELOOKUP_TIME & CURLINFO_MASK:
        case CURLINFO_CONNECT_TIME & CURLINFO_MASK:
        case CURLINFO_APPCONNECT_TIME & CURLINFO_MASK:
        case CURLINFO_PRETRANSFER_TIME & CURLINFO_MASK:
        case CURLINFO_REDIRECT_TIME & CURLINFO_MASK:
            return 0; // connections take no time of a virtual clock
        case CURLINFO_SIZE_UPLOAD & CURLINFO_MASK:
        case CURLINFO_CONTENT_LENGTH_UPLOAD & CURLINFO_MASK:
            return result->uploaded;
        case CURLINFO_SIZE_DOWNLOAD & CURLINFO_MASK:
            return result->downloaded;
        case CURLINFO_CONTENT_LENGTH_DOWNLOAD & CURLINFO_MASK:
            return result->state.length;
        case CURLINFO_SPEED_DOWNLOAD & CURLINFO_MASK:
            return seconds > 0 ? result->downloaded / seconds : 0;
        case CURLINFO_SPEED_UPLOAD & CURLINFO_MASK:
            return seconds > 0 ? result->uploaded / seconds : 0;
        default:
            *known = false;
            return 0;
    }
}

CURLcode curl_easy_getinfo(CURL* handle, CURLINFO info, ...)
{
    const EASY* easy = handle;
    bool known = true;
    va_list arguments;
    void* out;
    va_start(arguments, info);
    out = va_arg(arguments, void*);
    va_end(arguments);
    if (easy == NULL || out == NULL)
    {
        return CURLE_BAD_FUNCTION_ARGUMENT;
    }
    switch (info & CURLINFO_TYPEMASK)
    {
        case CURLINFO_STRING:
            *(const char**)out = text_of(easy, info, &known);
            break;
        case CURLINFO_LONG:
            *(long*)out = number_of(&easy->result, info, &known);
            break;
        case CURLINFO_DOUBLE:
            *(double*)out = quantity_of(&easy->result, info & CURLINFO_MASK, &known);
            break;
        case CURLINFO_OFF_T:
            *(curl_off_t*)out = info == CURLINFO_TOTAL_TIME_T
                                    ? (curl_off_t)(easy->result.total_time * 1000)
                                    : (curl_off_t)quantity_of(&easy->result, info & CURLINFO_MASK, &known);
            break;
        default:
            known = false;
            break;
    }
    return known ? CURLE_OK : CURLE_UNKNOWN_OPTION;
}
