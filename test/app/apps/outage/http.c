// libcurl, over TLS.
#include <stdio.h>

#include <curl/curl.h>

#include "users.h"

static CURL* kept;

static size_t OnBody(char* bytes, size_t size, size_t count, void* context)
{
    (void)bytes;
    (void)context;
    return size * count;
}

static CURL* Make(void)
{
    CURL* handle = curl_easy_init();
    curl_easy_setopt(handle, CURLOPT_URL, "https://" THERE "/");
    curl_easy_setopt(handle, CURLOPT_SSL_VERIFYPEER, 0L);
    curl_easy_setopt(handle, CURLOPT_SSL_VERIFYHOST, 0L);
    curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, OnBody);
    curl_easy_setopt(handle, CURLOPT_TIMEOUT, (long)PATIENCE);
    return handle;
}

static const char* Perform(CURL* handle)
{
    static char number[16];
    CURLcode code = curl_easy_perform(handle);
    switch (code)
    {
    case CURLE_OK:
        return "ok";
    case CURLE_OPERATION_TIMEDOUT:
        return "silent";
    case CURLE_COULDNT_RESOLVE_HOST:
        return "COULDNT_RESOLVE_HOST";
    case CURLE_COULDNT_CONNECT:
        return "COULDNT_CONNECT";
    default:
        (void)snprintf(number, sizeof(number), "%d", code);
        return number;
    }
}

static void Start(void)
{
    curl_global_init(CURL_GLOBAL_ALL);
    kept = Make();
    (void)Perform(kept);
}

static const char* Kept(void)
{
    return Perform(kept);
}

static const char* Fresh(void)
{
    CURL* handle = Make();
    const char* result = Perform(handle);
    curl_easy_cleanup(handle);
    return result;
}

const User curlUser = {"curl", Start, Kept, Fresh};
