// curl's multi interface: declared, so that an app that uses it is told by the linker what it misses.
#ifndef CURL_MULTI_H
#define CURL_MULTI_H

#include <curl/curl.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef void CURLM;

typedef enum
{
    CURLM_CALL_MULTI_PERFORM = -1,
    CURLM_OK = 0,
    CURLM_BAD_HANDLE = 1,
    CURLM_BAD_EASY_HANDLE = 2,
    CURLM_OUT_OF_MEMORY = 3,
    CURLM_INTERNAL_ERROR = 4,
    CURLM_BAD_SOCKET = 5,
    CURLM_UNKNOWN_OPTION = 6,
    CURLM_ADDED_ALREADY = 7
} CURLMcode;

typedef enum
{
    CURLMSG_NONE = 0,
    CURLMSG_DONE = 1
} CURLMSG;

typedef struct CURLMsg
{
    CURLMSG msg;
    CURL* easy_handle;
    union
    {
        void* whatever;
        CURLcode result;
    } data;
} CURLMsg;

struct curl_waitfd
{
    curl_socket_t fd;
    short events;
    short revents;
};

typedef enum
{
    CURLMOPT_SOCKETFUNCTION = 20001,
    CURLMOPT_SOCKETDATA = 10002,
    CURLMOPT_PIPELINING = 3,
    CURLMOPT_TIMERFUNCTION = 20004,
    CURLMOPT_TIMERDATA = 10005,
    CURLMOPT_MAXCONNECTS = 6,
    CURLMOPT_MAX_HOST_CONNECTIONS = 7,
    CURLMOPT_MAX_TOTAL_CONNECTIONS = 13
} CURLMoption;

#define CURL_POLL_NONE 0
#define CURL_POLL_IN 1
#define CURL_POLL_OUT 2
#define CURL_POLL_INOUT 3
#define CURL_POLL_REMOVE 4
#define CURL_SOCKET_TIMEOUT CURL_SOCKET_BAD
#define CURL_CSELECT_IN 1
#define CURL_CSELECT_OUT 2
#define CURL_CSELECT_ERR 4

typedef int (*curl_socket_callback)(CURL* easy, curl_socket_t socket, int what, void* context, void* socket_context);
typedef int (*curl_multi_timer_callback)(CURLM* multi, long timeout_ms, void* context);

CURL_EXTERN CURLM* curl_multi_init(void);
CURL_EXTERN CURLMcode curl_multi_cleanup(CURLM* multi);
CURL_EXTERN CURLMcode curl_multi_add_handle(CURLM* multi, CURL* easy);
CURL_EXTERN CURLMcode curl_multi_remove_handle(CURLM* multi, CURL* easy);
CURL_EXTERN CURLMcode curl_multi_fdset(CURLM* multi, fd_set* reading, fd_set* writing, fd_set* excepted, int* highest);
CURL_EXTERN CURLMcode curl_multi_wait(CURLM* multi, struct curl_waitfd* more, unsigned count, int timeout_ms, int* ready);
CURL_EXTERN CURLMcode curl_multi_poll(CURLM* multi, struct curl_waitfd* more, unsigned count, int timeout_ms, int* ready);
CURL_EXTERN CURLMcode curl_multi_perform(CURLM* multi, int* running);
CURL_EXTERN CURLMsg* curl_multi_info_read(CURLM* multi, int* left);
CURL_EXTERN CURLMcode curl_multi_setopt(CURLM* multi, CURLMoption option, ...);
CURL_EXTERN CURLMcode curl_multi_socket_action(CURLM* multi, curl_socket_t socket, int events, int* running);
CURL_EXTERN CURLMcode curl_multi_assign(CURLM* multi, curl_socket_t socket, void* context);
CURL_EXTERN CURLMcode curl_multi_timeout(CURLM* multi, long* milliseconds);
CURL_EXTERN const char* curl_multi_strerror(CURLMcode code);

#ifdef __cplusplus
}
#endif

#endif
