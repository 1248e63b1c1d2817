#define _GNU_SOURCE // usleep
// What apps call beyond the SDK, against what the manuals say of it. The argument names the part to run; each check that fails
// is a line of the log, and their count the exit code.
#include <applibs/application.h>
#include <applibs/eventloop.h>
#include <applibs/gpio.h>
#include <applibs/log.h>
#include <applibs/networking.h>
#include <applibs/storage.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/select.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <time.h>
#include <tlsutils/deviceauth.h>
#include <unistd.h>

#include "../check.h"

int failures = 0;

static double Now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1000 + (double)now.tv_nsec / 1000000;
}

static int Timer(long milliseconds, long period, int flags)
{
    int fd = timerfd_create(CLOCK_MONOTONIC, flags);
    struct itimerspec value = {.it_value = {milliseconds / 1000, milliseconds % 1000 * 1000000},
                               .it_interval = {period / 1000, period % 1000 * 1000000}};
    CHECK(fd > 2 && timerfd_settime(fd, 0, &value, NULL) == 0);
    return fd;
}

static volatile sig_atomic_t signals = 0;

static void OnSignal(int number)
{
    signals = signals + number;
}

static void Time(void)
{
    struct timespec duration = {1, 500000000};
    struct timespec remaining;
    struct timeval tv;
    struct tm tm;
    time_t at;
    char text[64];
    double start = Now();
    CHECK(nanosleep(&duration, &remaining) == 0 && Now() - start == 1500);
    CHECK(usleep(2500) == 0 && Now() - start == 1502.5);
    CHECK(sleep(2) == 0 && Now() - start == 3502.5);
    duration = (struct timespec){5, 0};
    CHECK(clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &(struct timespec){(time_t)(start / 1000) + 10, 0}, NULL) == 0);
    CHECK((int)(Now() / 1000) == (int)(start / 1000) + 10);
    CHECK(gettimeofday(&tv, NULL) == 0 && labs((long)(tv.tv_sec - time(NULL))) <= 1);
    CHECK_ERROR(nanosleep(&(struct timespec){0, 1000000000}, NULL), EINVAL);
    at = 951782400; // a leap day
    CHECK(gmtime_r(&at, &tm) == &tm && tm.tm_year == 100 && tm.tm_mon == 1 && tm.tm_mday == 29 && tm.tm_yday == 59 && tm.tm_wday == 2);
    CHECK(timegm(&tm) == at && mktime(&tm) == at);
    tm.tm_mday += 1;
    CHECK(mktime(&tm) == at + 86400 && tm.tm_mon == 2 && tm.tm_mday == 1);
    at = -1;
    CHECK(gmtime_r(&at, &tm)->tm_year == 69 && tm.tm_hour == 23 && tm.tm_sec == 59 && tm.tm_yday == 364);
    at = 1767225600;
    CHECK(strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", gmtime(&at)) == 20 && strcmp(text, "2026-01-01T00:00:00Z") == 0);
    setenv("TZ", "CET-1", 1);
    tzset();
    CHECK(localtime(&at)->tm_hour == 1 && strcmp(tzname[0], "CET") == 0);
    CHECK(strcmp(asctime(localtime(&at)), "Thu Jan  1 01:00:00 2026\n") == 0);
    unsetenv("TZ");
    tzset();
    CHECK(localtime(&at)->tm_hour == 0);
}

static void TimerFd(void)
{
    uint64_t count = 0;
    struct itimerspec value;
    double start = Now();
    int fd = Timer(10, 10, TFD_NONBLOCK);
    CHECK_ERROR(read(fd, &count, sizeof(count)), EAGAIN);
    CHECK_ERROR(read(fd, &count, 4), EINVAL);
    usleep(35000);
    CHECK(read(fd, &count, sizeof(count)) == 8 && count == 3);
    CHECK(timerfd_gettime(fd, &value) == 0 && value.it_value.tv_nsec == 5000000 && value.it_interval.tv_nsec == 10000000);
    CHECK(timerfd_settime(fd, 0, &(struct itimerspec){{0, 0}, {0, 0}}, &value) == 0 && value.it_interval.tv_nsec == 10000000);
    usleep(50000);
    CHECK_ERROR(read(fd, &count, sizeof(count)), EAGAIN); // disarmed
    CHECK(close(fd) == 0);
    CHECK_ERROR(close(fd), EBADF);
    CHECK_ERROR(read(fd, &count, sizeof(count)), EBADF);
    CHECK_ERROR(timerfd_settime(fd, 0, &value, NULL), EBADF);
    CHECK_ERROR(timerfd_create(77, 0), EINVAL);
    fd = Timer(100, 0, 0); // blocks
    start = Now();
    CHECK(read(fd, &count, sizeof(count)) == 8 && count == 1 && Now() - start == 100);
    CHECK(timerfd_settime(fd, TFD_TIMER_ABSTIME, &(struct itimerspec){{0, 0}, {(time_t)(Now() / 1000) + 2, 0}}, NULL) == 0);
    CHECK(read(fd, &count, sizeof(count)) == 8 && (long)Now() % 1000 == 0);
    CHECK_ERROR(timerfd_settime(fd, 0, &(struct itimerspec){{0, 0}, {0, 2000000000}}, NULL), EINVAL);
    close(fd);
}

static void EventFdAndPipe(void)
{
    uint64_t count = 7;
    int fds[2];
    char text[8192];
    int fd = eventfd(3, EFD_NONBLOCK);
    CHECK(write(fd, &count, sizeof(count)) == 8);
    CHECK(read(fd, &count, sizeof(count)) == 8 && count == 10);
    CHECK_ERROR(read(fd, &count, sizeof(count)), EAGAIN);
    close(fd);
    fd = eventfd(2, EFD_NONBLOCK | EFD_SEMAPHORE);
    CHECK(read(fd, &count, sizeof(count)) == 8 && count == 1 && read(fd, &count, sizeof(count)) == 8 && count == 1);
    CHECK_ERROR(read(fd, &count, sizeof(count)), EAGAIN);
    close(fd);
    CHECK(pipe(fds) == 0 && write(fds[1], "abc", 3) == 3 && read(fds[0], text, sizeof(text)) == 3 && memcmp(text, "abc", 3) == 0);
    CHECK(fcntl(fds[0], F_SETFL, fcntl(fds[0], F_GETFL) | O_NONBLOCK) == 0);
    CHECK_ERROR(read(fds[0], text, 1), EAGAIN);
    CHECK_ERROR(read(fds[1], text, 1), EBADF);
    CHECK_ERROR(lseek(fds[0], 0, SEEK_SET), ESPIPE);
    CHECK(write(fds[1], text, sizeof(text)) == 4096);
    CHECK(close(fds[1]) == 0 && read(fds[0], text, sizeof(text)) == 4096 && read(fds[0], text, 1) == 0);
    CHECK(close(fds[0]) == 0);
    CHECK(pipe2(fds, O_NONBLOCK) == 0 && close(fds[0]) == 0);
    CHECK_ERROR(write(fds[1], "x", 1), EPIPE);
    fd = dup(fds[1]);
    CHECK(fd >= 0 && close(fds[1]) == 0 && close(fd) == 0);
}

static void Poll(void)
{
    int timer = Timer(20, 0, TFD_NONBLOCK);
    int event = eventfd(0, 0);
    uint64_t one = 1;
    struct pollfd fds[] = {{timer, POLLIN, 0}, {event, POLLIN | POLLOUT, 0}, {-1, POLLIN, 0}};
    struct timeval wait = {0, 50000};
    fd_set set;
    double start = Now();
    CHECK(poll(fds, 3, 0) == 1 && fds[0].revents == 0 && fds[1].revents == POLLOUT);
    fds[1].events = POLLIN;
    CHECK(poll(fds, 3, 10) == 0 && Now() - start == 10);
    CHECK(poll(fds, 3, -1) == 1 && fds[0].revents == POLLIN && Now() - start == 20);
    write(event, &one, sizeof(one));
    CHECK(poll(fds, 3, -1) == 2);
    FD_ZERO(&set);
    FD_SET(event, &set);
    CHECK(select(event + 1, &set, NULL, NULL, &wait) == 1 && FD_ISSET(event, &set));
    read(event, &one, sizeof(one));
    start = Now();
    CHECK(select(event + 1, &set, NULL, NULL, &wait) == 0 && !FD_ISSET(event, &set) && Now() - start == 50);
    close(timer);
    close(event);
    CHECK(poll(fds, 1, 0) == 1 && fds[0].revents == POLLNVAL);
}

static void Epoll(void)
{
    int epoll = epoll_create1(0);
    int first = Timer(10, 10, TFD_NONBLOCK);
    int second = Timer(30, 0, TFD_NONBLOCK);
    uint64_t count;
    struct epoll_event events[4];
    struct epoll_event event = {.events = EPOLLIN, .data = {.u32 = 1}};
    double start = Now();
    CHECK(epoll_ctl(epoll, EPOLL_CTL_ADD, first, &event) == 0);
    CHECK_ERROR(epoll_ctl(epoll, EPOLL_CTL_ADD, first, &event), EEXIST);
    CHECK_ERROR(epoll_ctl(epoll, EPOLL_CTL_MOD, second, &event), ENOENT);
    CHECK_ERROR(epoll_ctl(epoll, EPOLL_CTL_ADD, 200, &event), EBADF);
    CHECK_ERROR(epoll_ctl(first, EPOLL_CTL_ADD, second, &event), EBADF);
    event = (struct epoll_event){.events = EPOLLIN | EPOLLONESHOT, .data = {.u32 = 2}};
    CHECK(epoll_ctl(epoll, EPOLL_CTL_ADD, second, &event) == 0);
    CHECK(epoll_wait(epoll, events, 4, -1) == 1 && events[0].data.u32 == 1 && Now() - start == 10);
    read(first, &count, sizeof(count));
    usleep(25000);
    CHECK(epoll_wait(epoll, events, 4, -1) == 2);
    read(first, &count, sizeof(count));
    CHECK(epoll_wait(epoll, events, 4, 0) == 0); // the second was for once
    CHECK(epoll_ctl(epoll, EPOLL_CTL_DEL, first, NULL) == 0);
    CHECK(epoll_wait(epoll, events, 4, 20) == 0);
    CHECK_ERROR(epoll_wait(epoll, events, 0, 0), EINVAL);
    close(first);
    close(second);
    close(epoll);
}

static int handled = 0;

static void OnEvent(EventLoop* el, int fd, EventLoop_IoEvents events, void* context)
{
    uint64_t count;
    CHECK(events == EventLoop_Input && read(fd, &count, sizeof(count)) == 8);
    CHECK(EventLoop_Run(el, 0, true) == EventLoop_Run_Failed && errno == EBUSY);
    handled++;
    if (context != NULL)
    {
        EventLoop_Stop(el);
    }
}

static void Loop(void)
{
    EventLoop* loop = EventLoop_Create();
    int fast = Timer(1, 1, TFD_NONBLOCK);
    int slow = Timer(5, 0, TFD_NONBLOCK);
    double start = Now();
    EventRegistration* first = EventLoop_RegisterIo(loop, fast, EventLoop_Input, OnEvent, NULL);
    EventRegistration* second;
    CHECK(first != NULL);
    CHECK(EventLoop_RegisterIo(loop, fast, EventLoop_Input, OnEvent, NULL) == NULL && errno == EEXIST);
    CHECK(EventLoop_RegisterIo(loop, 200, EventLoop_Input, OnEvent, NULL) == NULL && errno == EBADF);
    CHECK(EventLoop_RegisterIo(loop, slow, 0x40, OnEvent, NULL) == NULL && errno == EINVAL);
    CHECK(EventLoop_RegisterIo(loop, slow, EventLoop_Input, NULL, NULL) == NULL && errno == EFAULT);
    CHECK(EventLoop_Run(loop, 0, true) == EventLoop_Run_FinishedEmpty);
    CHECK(EventLoop_Run(loop, -1, true) == EventLoop_Run_Finished && handled == 1 && Now() - start == 1);
    CHECK(EventLoop_Run(loop, 2, false) == EventLoop_Run_Finished && handled == 3 && Now() - start == 3);
    second = EventLoop_RegisterIo(loop, slow, EventLoop_Input, OnEvent, loop);
    CHECK(EventLoop_Run(loop, -1, false) == EventLoop_Run_Finished && Now() - start == 5);
    CHECK(poll(&(struct pollfd){EventLoop_GetWaitDescriptor(loop), POLLIN, 0}, 1, 10) == 1);
    CHECK(EventLoop_ModifyIoEvents(loop, first, 0) == 0);
    CHECK(EventLoop_Run(loop, 10, true) == EventLoop_Run_FinishedEmpty);
    CHECK(EventLoop_UnregisterIo(loop, first) == 0 && EventLoop_UnregisterIo(loop, second) == 0);
    CHECK(EventLoop_UnregisterIo(loop, NULL) == 0);
    CHECK(EventLoop_Run(NULL, 0, true) == EventLoop_Run_Failed && errno == EFAULT);
    EventLoop_Close(loop);
    close(fast);
    close(slow);
}

static void Signals(void)
{
    struct sigaction action;
    struct sigaction old;
    struct timespec left = {0, 0};
    memset(&action, 0, sizeof(action));
    action.sa_handler = OnSignal;
    CHECK(sigaction(SIGTERM, &action, &old) == 0 && old.sa_handler == SIG_DFL);
    CHECK_ERROR(sigaction(SIGKILL, &action, NULL), EINVAL);
    CHECK(raise(SIGTERM) == 0 && signals == SIGTERM);
    CHECK(signal(SIGUSR1, SIG_IGN) == SIG_DFL);
    Log_Debug("send SIGUSR1 and SIGTERM\n");
    errno = 0;
    CHECK(nanosleep(&(struct timespec){100, 0}, &left) == -1 && errno == EINTR && left.tv_sec > 0 && signals == 2 * SIGTERM);
}

static void Pins(void)
{
    GPIO_Value_Type value = 9;
    int input = GPIO_OpenAsInput(1);
    int output = GPIO_OpenAsOutput(2, GPIO_OutputMode_PushPull, GPIO_Value_Low);
    CHECK(input > 2 && output > 2);
    CHECK_ERROR(GPIO_OpenAsInput(1), EBUSY);
    CHECK_ERROR(GPIO_OpenAsInput(3), EACCES);
    CHECK_ERROR(GPIO_OpenAsInput(50), ENODEV);
    CHECK_ERROR(GPIO_OpenAsOutput(60, 3, GPIO_Value_Low), EINVAL);
    CHECK(GPIO_GetValue(input, &value) == 0 && value == GPIO_Value_High);
    CHECK(GPIO_GetValue(output, &value) == 0 && value == GPIO_Value_Low);
    CHECK(GPIO_SetValue(output, GPIO_Value_High) == 0 && GPIO_GetValue(output, &value) == 0 && value == GPIO_Value_High);
    CHECK(GPIO_SetValue(input, GPIO_Value_Low) == 0 && GPIO_GetValue(input, &value) == 0 && value == GPIO_Value_High);
    CHECK_ERROR(GPIO_SetValue(output, 2), EINVAL);
    CHECK_ERROR(GPIO_GetValue(output, NULL), EFAULT);
    CHECK_ERROR(GPIO_GetValue(1, &value), EBADF);
    CHECK(close(input) == 0 && close(output) == 0);
    CHECK_ERROR(GPIO_GetValue(input, &value), EBADF);
    input = GPIO_OpenAsInput(1);
    CHECK(input > 2 && close(input) == 0);
}

static void Storage(void)
{
    char text[16] = {0};
    static char much[9000];
    char* path = Storage_GetAbsolutePathInImagePackage("resources/greeting.txt");
    int fd = Storage_OpenFileInImagePackage("resources/greeting.txt");
    FILE* file = fopen(path, "r");
    CHECK(lseek(fd, 0, SEEK_END) == 5 && lseek(fd, 1, SEEK_SET) == 1 && read(fd, text, sizeof(text)) == 4 && strcmp(text, "ello") == 0);
    CHECK_ERROR(lseek(fd, -9, SEEK_CUR), EINVAL);
    CHECK_ERROR(write(fd, "x", 1), EBADF);
    CHECK(close(fd) == 0);
    CHECK(file != NULL && fgets(text, sizeof(text), file) == text && strcmp(text, "hello") == 0 && fclose(file) == 0);
    free(path);
    CHECK_ERROR(Storage_OpenFileInImagePackage("absent"), ENOENT);
    CHECK_ERROR(Storage_OpenFileInImagePackage("/etc/passwd"), EINVAL);
    CHECK_ERROR(Storage_OpenFileInImagePackage("../../etc/passwd"), ENOENT);
    CHECK_ERROR(open("/etc/passwd", O_RDONLY), ENOENT);
    fd = Storage_OpenMutableFile();
    CHECK(fd > 2);
    memset(text, 0, sizeof(text));
    if (read(fd, text, sizeof(text)) > 0)
    {
        Log_Debug("found %s\n", text);
    }
    CHECK(lseek(fd, 0, SEEK_SET) == 0 && write(fd, "kept", 5) == 5 && lseek(fd, 0, SEEK_CUR) == 5);
    CHECK(write(fd, much, sizeof(much)) == 8192 - 5);
    CHECK_ERROR(write(fd, much, 1), ENOSPC);
    CHECK(ftruncate(fd, 5) == 0 && lseek(fd, 0, SEEK_END) == 5 && close(fd) == 0);
}

static void Sizes(void)
{
    static char much[8192];
    int fd = Storage_OpenMutableFile();
    CHECK(fd > 2 && write(fd, "kept", 5) == 5);
    CHECK_ERROR(ftruncate(fd, 8193), ENOSPC);
    CHECK_ERROR(ftruncate(fd, 64 * 1024 * 1024), ENOSPC);
    CHECK_ERROR(ftruncate(fd, -1), EINVAL);
    CHECK_ERROR(ftruncate(fd, -4), EINVAL);
    CHECK_ERROR(ftruncate(fd, INT64_MIN), EINVAL);
    CHECK_ERROR(ftruncate(fd, INT64_C(1) << 32), EFBIG);
    CHECK_ERROR(ftruncate(fd, (INT64_C(1) << 32) + 4), EFBIG);
    CHECK_ERROR(ftruncate(fd, INT64_MAX), EFBIG);
    CHECK_ERROR(lseek(fd, INT64_MAX, SEEK_CUR), EINVAL);
    CHECK_ERROR(lseek(fd, INT64_MIN, SEEK_END), EINVAL);
    CHECK_ERROR(pread(fd, much, 1, INT64_C(1) << 32), EINVAL);
    CHECK_ERROR(pwrite(fd, much, 1, INT64_MAX), EINVAL);
    CHECK(lseek(fd, 0, SEEK_END) == 5);
    CHECK(lseek(fd, 64 * 1024 * 1024, SEEK_SET) == 64 * 1024 * 1024 && write(fd, "", 0) == 0);
    CHECK_ERROR(write(fd, "x", 1), ENOSPC);
    CHECK(lseek(fd, 0, SEEK_END) == 5);
    CHECK(ftruncate(fd, 8192) == 0 && lseek(fd, 0, SEEK_END) == 8192 && lseek(fd, 0, SEEK_SET) == 0);
    CHECK(read(fd, much, sizeof(much)) == sizeof(much) && strcmp(much, "kept") == 0 && much[5] == 0 && much[8191] == 0);
    CHECK(ftruncate(fd, 5) == 0 && lseek(fd, 0, SEEK_END) == 5 && close(fd) == 0);
}

#define MUTABLE_FILE "/mnt/config/25025d2c-66da-4448-bae1-ac26fcdd3627/mutable"

// While nothing can be written.
static void Unwritable(void)
{
    char text[5] = {0};
    int fd = open(MUTABLE_FILE, O_RDONLY | O_CREAT, 0600);
    CHECK(fd > 2);
    CHECK_ERROR(ftruncate(fd, 0), EINVAL);
    CHECK_ERROR(open(MUTABLE_FILE, O_WRONLY | O_TRUNC), EIO);
    CHECK(fopen(MUTABLE_FILE, "w") == NULL && errno == EIO);
    CHECK(read(fd, text, sizeof(text)) == 4 && strcmp(text, "kept") == 0 && close(fd) == 0);
    // Nothing of them is left open.
    CHECK(open(MUTABLE_FILE, O_RDONLY) == fd && close(fd) == 0);
}

static void DeleteStorage(void)
{
    CHECK(Storage_DeleteMutableFile() == 0);
    CHECK_ERROR(Storage_DeleteMutableFile(), ENOENT);
}

static void Device(void)
{
    bool ready = false;
    char text[2048] = {0};
    Networking_InterfaceConnectionStatus status;
    int fd = open(DeviceAuth_GetCertificatePath(), O_RDONLY);
    CHECK(Networking_IsNetworkingReady(&ready) == 0 && ready);
    CHECK_ERROR(Networking_IsNetworkingReady(NULL), EFAULT);
    CHECK(Networking_GetInterfaceConnectionStatus("wlan0", &status) == 0 && status == 15);
    CHECK(Networking_GetInterfaceConnectionStatus("eth0", &status) == 0 && status == 1);
    CHECK_ERROR(Networking_GetInterfaceConnectionStatus("ppp0", &status), ENOENT);
    CHECK(Application_IsDeviceAuthReady(&ready) == 0);
    CHECK_ERROR(Application_IsDeviceAuthReady(NULL), EFAULT);
    CHECK(ready == (fd >= 0));
    if (ready)
    {
        CHECK(read(fd, text, sizeof(text)) > 0 && strstr(text, "BEGIN CERTIFICATE") != NULL && strstr(text, "PRIVATE") == NULL);
        CHECK(strstr(strstr(text, "BEGIN") + 1, "BEGIN") == NULL); // the leaf alone
        close(fd);
    }
    Log_Debug("ready %d, %s\n", ready, DeviceAuth_GetCertificatePath());
}

static void* Thread(void* argument)
{
    return argument;
}

static void Threads(void)
{
    pthread_t thread;
    pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
    CHECK(pthread_create(&thread, NULL, Thread, NULL) == EAGAIN);
    CHECK(pthread_mutex_lock(&mutex) == 0 && pthread_mutex_unlock(&mutex) == 0);
}

// An app that never waits, but looks at the clock.
static void Spin(void)
{
    time_t end = time(NULL) + 2;
    long count = 0;
    while (time(NULL) < end)
    {
        count++;
    }
    Log_Debug("%ld readings\n", count);
}

static void Exit(EventLoop* el, int fd, EventLoop_IoEvents events, void* context)
{
    (void)el;
    (void)fd;
    (void)events;
    (void)context;
    Log_Debug("no end of line");
    exit(42);
}

static void ExitInCallback(void)
{
    EventLoop* loop = EventLoop_Create();
    EventLoop_RegisterIo(loop, Timer(5, 0, TFD_NONBLOCK), EventLoop_Input, Exit, NULL);
    EventLoop_Run(loop, -1, false);
}

static void Abort(void)
{
    abort();
}

__attribute__((noinline)) static void Crash(void)
{
    *(volatile int*)0xfffffff0 = 1;
}

__attribute__((noinline)) static int Deep(int depth)
{
    volatile char room[1024];
    room[depth % 1024] = (char)depth;
    return depth == 0 ? 0 : Deep(depth + 1) + room[depth % 1024];
}

static void TooDeep(void)
{
    Log_Debug("%d\n", Deep(1));
}

// A wait at the end of many functions that keep values over it, none of them on C's stack.
__attribute__((noinline)) static int DeepWait(int depth, int first, int second, int third)
{
    if (depth == 0)
    {
        return usleep(10);
    }
    return DeepWait(depth - 1, first + 1, second + 2, third + 3) + first + second + third;
}

static void WaitDeep(void)
{
    CHECK(DeepWait(1500, 0, 0, 0) == 6 * (1499 * 1500 / 2));
}

// More than the stack has.
static void TooLarge(void)
{
    char room[256 * 1024];
    memset(room, 1, sizeof(room));
    memset(room, room[failures], 0x7fffffff);
    Log_Debug("%d\n", room[failures + 1]);
}

// Neither waits nor looks at the clock.
__attribute__((noinline)) static void Stuck(void)
{
    GPIO_Value_Type value;
    int input = GPIO_OpenAsInput(1);
    GPIO_GetValue(input, &value);
    for (volatile int i = 0;; i++)
    {
    }
}

// Looks at a pin until it changes, but never waits.
static void Poller(void)
{
    GPIO_Value_Type value = GPIO_Value_High;
    int input = GPIO_OpenAsInput(1);
    while (value == GPIO_Value_High)
    {
        GPIO_GetValue(input, &value);
    }
}

static void Grow(void)
{
    static const char text[] = "beyond the first memory";
    const size_t size = 4 * 1024 * 1024;
    char* large = malloc(size);
    int fds[2];
    CHECK(large != NULL && pipe(fds) == 0);
    memcpy(large + size - sizeof(text), text, sizeof(text));
    Log_Debug("%s\n", large + size - sizeof(text));
    CHECK(write(1, large + size - sizeof(text), sizeof(text) - 1) == sizeof(text) - 1);
    printf("\n");
    free(large);
}

int main(int argc, char* argv[])
{
    static const struct
    {
        const char* name;
        void (*run)(void);
    } parts[] = {{"time", Time}, {"timerfd", TimerFd}, {"eventfd", EventFdAndPipe}, {"poll", Poll}, {"epoll", Epoll},
                 {"loop", Loop}, {"signals", Signals}, {"gpio", Pins}, {"storage", Storage}, {"sizes", Sizes}, {"unwritable", Unwritable},
                 {"delete", DeleteStorage}, {"device", Device}, {"threads", Threads}, {"spin", Spin}, {"exit", ExitInCallback}, {"abort", Abort},
                 {"crash", Crash}, {"too-deep", TooDeep}, {"wait-deep", WaitDeep},
                 {"too-large", TooLarge}, {"stuck", Stuck}, {"poller", Poller}, {"grow", Grow}};
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
    {
        if (argc == 2 && strcmp(argv[1], parts[i].name) == 0)
        {
            parts[i].run();
            printf("%s done\n", argv[1]);
            return failures;
        }
    }
    fprintf(stderr, "there is no part %s\n", argv[1]);
    return 99;
}
