#ifndef CURL_SYSTEM_H
#define CURL_SYSTEM_H

typedef long long curl_off_t;
#define CURL_FORMAT_CURL_OFF_T "lld"
#define CURL_FORMAT_CURL_OFF_TU "llu"

#endif
