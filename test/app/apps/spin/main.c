// Apps that never wait, each in its own way, and apps that write where nothing is.
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include <applibs/eventloop.h>
#include <applibs/gpio.h>
#include <applibs/i2c.h>
#include <applibs/log.h>
#include <applibs/uart.h>
#include <soc/mt3620_i2cs.h>
#include <soc/mt3620_uarts.h>

#define PIN 12

static volatile sig_atomic_t ended = 0;

static void OnSignal(int number)
{
    ended = number;
}

static long Milliseconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

// As official samples end where something could not be set up.
static void Forever(void)
{
    Log_Debug("for ever\n");
    while (true)
        ;
}

static void Chatter(void)
{
    while (true)
    {
        Log_Debug("again\n");
    }
}

static void UntilSignal(void)
{
    signal(SIGTERM, OnSignal);
    Log_Debug("until a signal\n");
    while (!ended)
        ;
    Log_Debug("signal %d\n", (int)ended);
}

// Nothing in the loop can end it, and nothing in it has an effect.
static void Nested(void)
{
    volatile unsigned sum = 0;
    signal(SIGTERM, OnSignal);
    Log_Debug("nested\n");
    for (unsigned i = 0; !ended; i++)
    {
        for (unsigned j = 0; j < i % 1000; j++)
        {
            sum += j;
        }
    }
    Log_Debug("ended with %u\n", sum);
}

static void ReadUart(void)
{
    UART_Config config;
    uint8_t byte;
    long began;
    int fd;
    UART_InitConfig(&config);
    fd = UART_Open(MT3620_UART_ISU0, &config);
    began = Milliseconds();
    Log_Debug("reads\n");
    while (read(fd, &byte, 1) != 1)
    {
    }
    Log_Debug("%c after %ld ms\n", byte, Milliseconds() - began);
}

static void ReadI2c(void)
{
    uint8_t byte = 0;
    int fd = I2CMaster_Open(MT3620_I2C_ISU1);
    Log_Debug("reads\n");
    while (I2CMaster_Read(fd, 0x48, &byte, 1) != 1)
    {
    }
    Log_Debug("read %d\n", byte);
}

static void PollPin(void)
{
    GPIO_Value_Type value = GPIO_Value_High;
    int fd = GPIO_OpenAsInput(PIN);
    Log_Debug("polls\n");
    while (value == GPIO_Value_High)
    {
        GPIO_GetValue(fd, &value);
    }
    Log_Debug("low\n");
}

static int Timer(long milliseconds)
{
    const struct timespec every = {milliseconds / 1000, milliseconds % 1000 * 1000000};
    const struct itimerspec value = {every, every};
    int fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
    timerfd_settime(fd, 0, &value, NULL);
    return fd;
}

static int handled = 0;

static void NeverReads(EventLoop* loop, int fd, EventLoop_IoEvents events, void* context)
{
    (void)loop;
    (void)fd;
    (void)events;
    (void)context;
    handled++;
}

static void Reads(EventLoop* loop, int fd, EventLoop_IoEvents events, void* context)
{
    uint64_t expirations;
    (void)loop;
    (void)events;
    (void)context;
    read(fd, &expirations, sizeof(expirations));
    Log_Debug("%ld\n", Milliseconds());
    handled++;
}

// One handler never reads its timer, so that the loop never waits; the other comes to its turn all the same.
static void Unread(int duration, bool one_event)
{
    EventLoop* loop = EventLoop_Create();
    signal(SIGTERM, OnSignal);
    EventLoop_RegisterIo(loop, Timer(10), EventLoop_Input, NeverReads, NULL);
    EventLoop_RegisterIo(loop, Timer(100), EventLoop_Input, Reads, NULL);
    while (!ended)
    {
        EventLoop_Run(loop, duration, one_event);
    }
    Log_Debug("ended\n");
}

static void Look(int (*wait)(int fd))
{
    int fd = Timer(1000);
    long looks = 0;
    long began = Milliseconds();
    while (wait(fd) == 0)
    {
        looks++;
    }
    Log_Debug("%s after %ld ms\n", looks > 100 ? "many looks" : "few looks", Milliseconds() - began);
}

static int ByPoll(int fd)
{
    struct pollfd watch = {.fd = fd, .events = POLLIN};
    return poll(&watch, 1, 0);
}

static int BySelect(int fd)
{
    struct timeval none = {0, 0};
    fd_set set;
    FD_ZERO(&set);
    FD_SET(fd, &set);
    return select(fd + 1, &set, NULL, NULL, &none);
}

static int epoll = -1;

static int ByEpoll(int fd)
{
    struct epoll_event event = {.events = EPOLLIN};
    if (epoll < 0)
    {
        epoll = epoll_create1(0);
        epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
    }
    return epoll_wait(epoll, &event, 1, 0);
}

static int ByRead(int fd)
{
    uint64_t expirations;
    return read(fd, &expirations, sizeof(expirations)) > 0;
}

// An interval timer goes on by a signal while the app computes.
static void TimerSignal(void)
{
    timer_t timer;
    struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGALRM};
    const struct itimerspec value = {{0, 0}, {2, 0}};
    long began = Milliseconds();
    signal(SIGALRM, OnSignal);
    timer_create(CLOCK_MONOTONIC, &event, &timer);
    timer_settime(timer, 0, &value, NULL);
    while (!ended)
        ;
    Log_Debug("signal %d after %ld ms\n", (int)ended, Milliseconds() - began);
}

static void Clock(void)
{
    long began = Milliseconds();
    for (int i = 0; i < 100000; i++)
    {
        (void)Milliseconds();
    }
    Log_Debug("%ld ms\n", Milliseconds() - began);
}

// Every 10 microseconds, for a time.
static void Sleep(long seconds)
{
    const struct timespec pause = {0, 10000};
    long began = Milliseconds();
    long count = 0;
    while (Milliseconds() - began < seconds * 1000)
    {
        for (int i = 0; i < 1000; i++, count++)
        {
            nanosleep(&pause, NULL);
        }
    }
    Log_Debug("%ld sleeps in %ld ms\n", count, Milliseconds() - began);
}

typedef struct
{
    char name[20];
    int value;
    char more[1000];
    int last;
} Settings;

static Settings* volatile settings = NULL;

static void WriteThroughNull(void)
{
    *(volatile int*)settings = 1;
}

// The compiler sees that this is NULL, and what is not defined.
static void WriteConstant(void)
{
    int* nowhere = NULL;
    if (handled == 0)
    {
        *nowhere = 1;
    }
}

static void WriteMember(void)
{
    settings->value = 42;
}

static void WriteLastMember(void)
{
    settings->last = 42;
}

// By functions of the library.
static void Copy(void)
{
    sprintf((char*)settings, "name %d", handled);
}

static void CopyToMember(void)
{
    sprintf(settings->more, "more %d", handled);
}

static void Read(void)
{
    Log_Debug("reads\n");
    Log_Debug("has read %d\n", settings->value);
}

// Every width and type that an access may have.
static void UseAll(void)
{
    static volatile int8_t one = -1;
    static volatile int16_t two = -2;
    static volatile int32_t four = -4;
    static volatile int64_t eight = -8;
    static volatile float single = 0.5F;
    static volatile double twice = 0.25;
    one--;
    two--;
    four--;
    eight--;
    single *= 3;
    twice *= 3;
    eight += one + two;
    four += (uint8_t)one + (uint16_t)two;
    Log_Debug("%d %d %d %d %.2f %.2f\n", one, two, (int)four, (int)eight, (double)single, twice);
}

static void Write(void (*write)(void), bool logs)
{
    Log_Debug("writes\n");
    write();
    if (logs)
    {
        Log_Debug("has written\n");
    }
}

// Calls of the C library with NULL, each by its name. Volatile, or the compiler makes something else of them.
static void CallWithNull(const char* name)
{
    static char room[8] = "abc";
    char* volatile none = NULL;
    volatile size_t size = 2;
    volatile long result = 0;
    Log_Debug("calls\n");
    if (strcmp(name, "strlen") == 0)
    {
        result = (long)strlen(none);
    }
    if (strcmp(name, "strcmp") == 0)
    {
        result = strcmp(room, none);
    }
    if (strcmp(name, "strtol") == 0)
    {
        result = strtol(none, NULL, 10);
    }
    if (strcmp(name, "memcpy-from") == 0)
    {
        memcpy(room, none, size);
        result = room[0];
    }
    if (strcmp(name, "memcpy-to") == 0)
    {
        memcpy(none, room, size);
    }
    if (strcmp(name, "memset") == 0)
    {
        memset(none, 0, size);
    }
    if (strcmp(name, "strcpy") == 0)
    {
        strcpy(none, room);
    }
    if (strcmp(name, "snprintf") == 0)
    {
        result = snprintf(none, size, "%ld", result);
    }
    if (strcmp(name, "free") == 0)
    {
        free(none + 16);
    }
    if (strcmp(name, "nothing") == 0)
    {
        size = 0;
        memcpy(none, none, size);
        memset(none, 1, size);
        free(none);
        result = snprintf(none, size, "%s", none);
    }
    Log_Debug("ends with %ld\n", result);
}

int main(int argc, char* argv[])
{
    const char* part = argc > 1 ? argv[1] : "";
#define PART(name, call)          \
    if (strcmp(part, name) == 0)  \
    {                             \
        call;                     \
        return 0;                 \
    }
    PART("forever", Forever())
    PART("chatter", Chatter())
    PART("signal", UntilSignal())
    PART("nested", Nested())
    PART("uart", ReadUart())
    PART("i2c", ReadI2c())
    PART("pin", PollPin())
    PART("unread", Unread(-1, false))
    PART("unread-one", Unread(-1, true))
    PART("unread-at-once", Unread(0, false))
    PART("poll", Look(ByPoll))
    PART("select", Look(BySelect))
    PART("epoll", Look(ByEpoll))
    PART("timerfd", Look(ByRead))
    PART("timer", TimerSignal())
    PART("clock", Clock())
    PART("sleep", Sleep(argc > 2 ? atol(argv[2]) : 1))
    PART("null-read", Read())
    PART("all", UseAll())
    PART("null", Write(WriteThroughNull, true))
    PART("null-constant", Write(WriteConstant, true))
    PART("null-member", Write(WriteMember, true))
    PART("null-last-member", Write(WriteLastMember, true))
    PART("null-call", CallWithNull(argv[2]))
    PART("null-copy", Write(Copy, true))
    PART("null-copy-to-member", Write(CopyToMember, true))
    PART("null-copy-at-end", Write(Copy, false))
    return 1;
}
