#define _GNU_SOURCE // usleep
// Several transfers at a time.
#include <applibs/eventloop.h>
#include <stdint.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "http.h"

static size_t OnCounted(void* bytes, size_t size, size_t count, void* context)
{
    (void)bytes;
    *(size_t*)context += size * count;
    return size * count;
}

static CURL* MakeCounting(const char* url, size_t* received)
{
    CURL* handle = Make(url);
    CHECK(curl_easy_setopt(handle, CURLOPT_HEADERFUNCTION, NULL) == CURLE_OK);
    CHECK(curl_easy_setopt(handle, CURLOPT_HEADERDATA, NULL) == CURLE_OK);
    CHECK(curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, OnCounted) == CURLE_OK);
    CHECK(curl_easy_setopt(handle, CURLOPT_WRITEDATA, received) == CURLE_OK);
    CHECK(curl_easy_setopt(handle, CURLOPT_SSL_VERIFYPEER, 0L) == CURLE_OK);
    return handle;
}

// How many transfers are done, all of them well; each is taken out and freed.
static int TakeDone(CURLM* multi)
{
    CURLMsg* message;
    int left;
    int done = 0;
    while ((message = curl_multi_info_read(multi, &left)) != NULL)
    {
        CURL* handle = message->easy_handle;
        CHECK(message->msg == CURLMSG_DONE && message->data.result == CURLE_OK && Status(handle) == 200);
        CHECK(curl_multi_remove_handle(multi, handle) == CURLM_OK);
        curl_easy_cleanup(handle);
        done++;
    }
    return done;
}

// The test answers to one of them at once, and to two after two seconds, which is how long all take.
void Together(void)
{
    CURLM* multi = curl_multi_init();
    size_t received[3] = {0};
    long start = Milliseconds();
    int running = 3;
    int done = 0;
    CHECK(multi != NULL);
    CHECK(curl_multi_add_handle(multi, MakeCounting(HTTP "/later", &received[0])) == CURLM_OK);
    CHECK(curl_multi_add_handle(multi, MakeCounting(HTTPS "/later", &received[1])) == CURLM_OK);
    CHECK(curl_multi_add_handle(multi, MakeCounting(HTTPS "/large?x=1", &received[2])) == CURLM_OK);
    while (running > 0)
    {
        CHECK(curl_multi_perform(multi, &running) == CURLM_OK);
        done += TakeDone(multi);
        CHECK(running == 0 || curl_multi_poll(multi, NULL, 0, 1000, NULL) == CURLM_OK);
    }
    CHECK(done == 3 && received[0] == 4 && received[1] == 4 && received[2] == 300 * 1024);
    CHECK(Milliseconds() - start == 2000);
    CHECK(curl_multi_cleanup(multi) == CURLM_OK);
}

// ---- by an event loop, as the official sample does it

static EventLoop* loop;
static CURLM* driven;
static int timer;
static int stillRunning;
static bool atOnce; // no waiting for the loop where curl asks for none

static void OnIo(EventLoop* el, int fd, EventLoop_IoEvents events, void* context)
{
    int action = ((events & EventLoop_Input) != 0 ? CURL_CSELECT_IN : 0) |
                 ((events & EventLoop_Output) != 0 ? CURL_CSELECT_OUT : 0) |
                 ((events & EventLoop_Error) != 0 ? CURL_CSELECT_ERR : 0);
    (void)context;
    CHECK(el == loop && curl_multi_socket_action(driven, fd, action, &stillRunning) == CURLM_OK);
}

static void OnTimer(EventLoop* el, int fd, EventLoop_IoEvents events, void* context)
{
    uint64_t expirations;
    (void)events;
    (void)context;
    CHECK(el == loop && read(fd, &expirations, sizeof(expirations)) == sizeof(expirations));
    CHECK(curl_multi_socket_action(driven, CURL_SOCKET_TIMEOUT, 0, &stillRunning) == CURLM_OK);
}

static int OnSocket(CURL* handle, curl_socket_t fd, int what, void* context, void* ofSocket)
{
    EventRegistration* registration = ofSocket;
    EventLoop_IoEvents events = ((what & CURL_POLL_IN) != 0 ? (EventLoop_IoEvents)EventLoop_Input : 0) |
                                ((what & CURL_POLL_OUT) != 0 ? (EventLoop_IoEvents)EventLoop_Output : 0);
    (void)handle;
    (void)context;
    if (what == CURL_POLL_REMOVE)
    {
        CHECK(EventLoop_UnregisterIo(loop, registration) == 0);
        CHECK(curl_multi_assign(driven, fd, NULL) == CURLM_OK);
    }
    else if (registration == NULL)
    {
        registration = EventLoop_RegisterIo(loop, fd, events, OnIo, NULL);
        CHECK(registration != NULL && curl_multi_assign(driven, fd, registration) == CURLM_OK);
    }
    else
    {
        CHECK(EventLoop_ModifyIoEvents(loop, registration, events) == 0);
    }
    return 0;
}

static int OnTimeout(CURLM* multi, long milliseconds, void* context)
{
    struct itimerspec time = {.it_value = {.tv_sec = milliseconds / 1000, .tv_nsec = milliseconds % 1000 * 1000000}};
    (void)context;
    if (atOnce && milliseconds == 0)
    {
        CHECK(curl_multi_socket_action(multi, CURL_SOCKET_TIMEOUT, 0, &stillRunning) == CURLM_OK);
        return 0;
    }
    time.it_value.tv_nsec += milliseconds == 0 ? 1 : 0;
    time = milliseconds < 0 ? (struct itimerspec){0} : time;
    CHECK(multi == driven && timerfd_settime(timer, 0, &time, NULL) == 0);
    return 0;
}

void EventDriven(void)
{
    size_t received[2] = {0};
    EventRegistration* ofTimer;
    long start = Milliseconds();
    int done = 0;
    loop = EventLoop_Create();
    driven = curl_multi_init();
    timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
    ofTimer = EventLoop_RegisterIo(loop, timer, EventLoop_Input, OnTimer, NULL);
    CHECK(loop != NULL && driven != NULL && ofTimer != NULL);
    CHECK(curl_multi_setopt(driven, CURLMOPT_SOCKETFUNCTION, OnSocket) == CURLM_OK);
    CHECK(curl_multi_setopt(driven, CURLMOPT_TIMERFUNCTION, OnTimeout) == CURLM_OK);
    CHECK(curl_multi_add_handle(driven, MakeCounting(HTTPS "/large?x=1", &received[0])) == CURLM_OK);
    CHECK(curl_multi_add_handle(driven, MakeCounting(HTTP "/later", &received[1])) == CURLM_OK);
    stillRunning = 2;
    while (stillRunning > 0)
    {
        CHECK(EventLoop_Run(loop, -1, true) == EventLoop_Run_Finished);
        done += TakeDone(driven);
    }
    CHECK(done + TakeDone(driven) == 2 && received[0] == 300 * 1024 && received[1] == 4);
    CHECK(Milliseconds() - start == 2000);
    CHECK(curl_multi_cleanup(driven) == CURLM_OK);
    CHECK(EventLoop_UnregisterIo(loop, ofTimer) == 0 && close(timer) == 0);
    EventLoop_Close(loop);
}

// As older versions of curl let it, and the device's with them.
void EventDrivenAtOnce(void)
{
    atOnce = true;
    EventDriven();
}

// ---- how long curl waits

void Waiting(void)
{
    CURLM* multi = curl_multi_init();
    struct curl_waitfd extra = {.events = CURL_WAIT_POLLIN};
    long start = Milliseconds();
    uint64_t expirations;
    int ready = -1;
    CHECK(curl_multi_wait(multi, NULL, 0, 500, &ready) == CURLM_OK && ready == 0); // there is nothing to wait for
    CHECK(Milliseconds() - start == 0);
    CHECK(curl_multi_poll(multi, NULL, 0, 500, &ready) == CURLM_OK && ready == 0);
    CHECK(Milliseconds() - start == 500);
    CHECK(curl_multi_wakeup(multi) == CURLM_OK && curl_multi_poll(multi, NULL, 0, 500, &ready) == CURLM_OK);
    CHECK(Milliseconds() - start == 500);
    extra.fd = timerfd_create(CLOCK_MONOTONIC, 0);
    CHECK(timerfd_settime(extra.fd, 0, &(struct itimerspec){.it_value = {.tv_nsec = 250000000}}, NULL) == 0);
    CHECK(curl_multi_wait(multi, &extra, 1, 1000, &ready) == CURLM_OK && ready == 1 && extra.revents == CURL_WAIT_POLLIN);
    CHECK(Milliseconds() - start == 750);
    CHECK(read(extra.fd, &expirations, sizeof(expirations)) == sizeof(expirations) && close(extra.fd) == 0);
    CHECK(curl_multi_cleanup(multi) == CURLM_OK && curl_multi_cleanup(NULL) == CURLM_BAD_HANDLE);
}

// ---- waits inside of curl's waits

static size_t OnNested(void* bytes, size_t size, size_t count, void* context)
{
    CURL* inner = context;
    (void)bytes;
    if (inner != NULL)
    {
        CHECK(usleep(100000) == 0 && curl_easy_perform(inner) == CURLE_OK && Status(inner) == 200);
    }
    return size * count;
}

// Its write function sleeps, and performs another transfer, whose write function sleeps and performs one that takes two seconds.
void Nested(void)
{
    size_t received = 0;
    CURL* innermost = MakeCounting(HTTPS "/later", &received);
    CURL* inner = MakeCounting(HTTPS "/hello", &received);
    CURL* outer = MakeCounting(HTTPS "/hello", &received);
    long start = Milliseconds();
    CHECK(curl_easy_setopt(inner, CURLOPT_WRITEFUNCTION, OnNested) == CURLE_OK);
    CHECK(curl_easy_setopt(inner, CURLOPT_WRITEDATA, innermost) == CURLE_OK);
    CHECK(curl_easy_setopt(outer, CURLOPT_WRITEFUNCTION, OnNested) == CURLE_OK);
    CHECK(curl_easy_setopt(outer, CURLOPT_WRITEDATA, inner) == CURLE_OK);
    CHECK(curl_easy_perform(outer) == CURLE_OK && received == 4 && Milliseconds() - start == 2200);
    curl_easy_cleanup(outer);
    curl_easy_cleanup(inner);
    curl_easy_cleanup(innermost);
}

// ---- what handles have in common

static int locks;

static void OnLock(CURL* handle, curl_lock_data data, curl_lock_access access, void* context)
{
    (void)handle;
    (void)data;
    (void)access;
    CHECK(context == &locks);
    locks++;
}

static void OnUnlock(CURL* handle, curl_lock_data data, void* context)
{
    (void)handle;
    (void)data;
    CHECK(context == &locks);
    locks--;
}

void Shared(void)
{
    CURLSH* share = curl_share_init();
    CURL* first = Make(HTTP "/cookie");
    CURL* second = Make(HTTP "/echo");
    long connections = -1;
    CHECK(curl_share_setopt(share, CURLSHOPT_LOCKFUNC, OnLock) == CURLSHE_OK);
    CHECK(curl_share_setopt(share, CURLSHOPT_UNLOCKFUNC, OnUnlock) == CURLSHE_OK);
    CHECK(curl_share_setopt(share, CURLSHOPT_USERDATA, &locks) == CURLSHE_OK);
    CHECK(curl_share_setopt(share, CURLSHOPT_SHARE, CURL_LOCK_DATA_COOKIE) == CURLSHE_OK);
    CHECK(curl_share_setopt(share, CURLSHOPT_SHARE, CURL_LOCK_DATA_CONNECT) == CURLSHE_OK);
    CHECK(curl_easy_setopt(first, CURLOPT_SHARE, share) == CURLE_OK);
    CHECK(curl_easy_setopt(second, CURLOPT_SHARE, share) == CURLE_OK);
    CHECK(curl_easy_setopt(first, CURLOPT_COOKIEFILE, "") == CURLE_OK && Perform(first) == CURLE_OK);
    CHECK(curl_easy_getinfo(first, CURLINFO_NUM_CONNECTS, &connections) == CURLE_OK && connections == 1);
    CHECK(curl_easy_setopt(second, CURLOPT_COOKIEFILE, "") == CURLE_OK);
    CHECK(Perform(second) == CURLE_OK && strstr(body, "Cookie: session=1\n") != NULL);
    CHECK(curl_easy_getinfo(second, CURLINFO_NUM_CONNECTS, &connections) == CURLE_OK && connections == 0);
    CHECK(curl_share_cleanup(share) == CURLSHE_IN_USE);
    curl_easy_cleanup(first);
    curl_easy_cleanup(second);
    CHECK(locks == 0 && curl_share_cleanup(share) == CURLSHE_OK);
}
