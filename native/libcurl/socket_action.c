// Transfers that a timer callback drives itself.
#include <curl_setup.h>

#include <urldata.h>

#include <api.h>
#include <multihandle.h>

// curl's own: multi.c is compiled with this name for it.
CURLMcode curl_socket_action(CURLM* handle, curl_socket_t socket, int events, int* running);

// As in older versions, the device's among them, a timer callback (CURLMOPT_TIMERFUNCTION) may call it where no time is to pass; the
// official sample of the multi interface does. curl by now takes no call of a callback (CURLM_RECURSIVE_API_CALL), and the transfers
// would stand still. The calls that are under way are told as none meanwhile: after its callback, curl only returns from them.
CURLMcode curl_multi_socket_action(CURLM* handle, curl_socket_t socket, int events, int* running)
{
    struct Curl_multi* multi = handle;
    struct Curl_mapi_stack calls;
    CURLMcode result;
    if (!GOOD_MULTI_HANDLE(multi) || multi->callstack.count == 0 ||
        multi->callstack.calls[multi->callstack.count - 1] != CURL_CBAPI_FN_multi_timer_cb)
    {
        return curl_socket_action(handle, socket, events, running);
    }
    calls = multi->callstack;
    multi->callstack.count = 0;
    result = curl_socket_action(handle, socket, events, running);
    multi->callstack = calls;
    return result;
}
