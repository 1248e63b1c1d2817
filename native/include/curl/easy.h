// Transfers, one at a time. Their functions wait as anything else that blocks does; the caller owns each handle.
#ifndef CURL_EASY_H
#define CURL_EASY_H

#ifdef __cplusplus
extern "C" {
#endif

CURL_EXTERN CURL* curl_easy_init(void);
CURL_EXTERN void curl_easy_cleanup(CURL* handle);
// All options as they were in the beginning.
CURL_EXTERN void curl_easy_reset(CURL* handle);
// A handle with the same options.
CURL_EXTERN CURL* curl_easy_duphandle(CURL* handle);
// Texts are copied, but for CURLOPT_POSTFIELDS; lists are not. CURLE_UNKNOWN_OPTION, and a line of the log, for what is not there.
CURL_EXTERN CURLcode curl_easy_setopt(CURL* handle, CURLoption option, ...);
// A transfer, from its begin to its end.
CURL_EXTERN CURLcode curl_easy_perform(CURL* handle);
// From within the application's functions: pauses receiving, or goes on; sending is never paused. A write function pauses by
// itself with CURL_WRITEFUNC_PAUSE, and gets the same bytes again.
CURL_EXTERN CURLcode curl_easy_pause(CURL* handle, int what);
// What is known of the last transfer. Texts belong to the handle.
CURL_EXTERN CURLcode curl_easy_getinfo(CURL* handle, CURLINFO info, ...);
CURL_EXTERN const char* curl_easy_strerror(CURLcode code);
// Percent-encoding, to be freed with curl_free. Length 0: that of the text.
CURL_EXTERN char* curl_easy_escape(CURL* handle, const char* text, int length);
CURL_EXTERN char* curl_easy_unescape(CURL* handle, const char* text, int length, int* result_length);

#ifdef __cplusplus
}
#endif

#endif
