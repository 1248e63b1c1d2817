// The version of curl whose easy interface this follows.
#ifndef CURL_CURLVER_H
#define CURL_CURLVER_H

#define LIBCURL_VERSION "7.66.0"
#define LIBCURL_VERSION_MAJOR 7
#define LIBCURL_VERSION_MINOR 66
#define LIBCURL_VERSION_PATCH 0
#define LIBCURL_VERSION_NUM 0x074200

#define CURL_VERSION_BITS(major, minor, patch) ((major) << 16 | (minor) << 8 | (patch))
#define CURL_AT_LEAST_VERSION(major, minor, patch) (LIBCURL_VERSION_NUM >= CURL_VERSION_BITS(major, minor, patch))

#endif
