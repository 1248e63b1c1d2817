// Apps whose only load is that they wait: one looks at a button every millisecond, one has a timer of five seconds, one sleeps for
// moments. And two that do not wait at all.

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include <applibs/eventloop.h>
#include <applibs/gpio.h>
#include <applibs/log.h>

static unsigned count = 0;

static void Count(unsigned each)
{
    if (++count % each == 0)
    {
        Log_Debug("%u\n", count);
    }
}

static void Poll(void)
{
    const struct timespec pause = {0, 1000000};
    GPIO_Value_Type value;
    int button = GPIO_OpenAsInput(12);
    for (;;)
    {
        GPIO_GetValue(button, &value);
        Count(60000);
        nanosleep(&pause, NULL);
    }
}

// Says each minute.
static void Sleep(void)
{
    const struct timespec pause = {0, 10000};
    for (unsigned minute = 1;; minute++)
    {
        for (int i = 0; i < 6000000; i++)
        {
            nanosleep(&pause, NULL);
        }
        Log_Debug("%u\n", minute);
    }
}

static void Spin(void)
{
    GPIO_Value_Type value;
    int button = GPIO_OpenAsInput(12);
    Log_Debug("spins\n");
    do
    {
        GPIO_GetValue(button, &value);
    } while (value == GPIO_Value_High);
}

static void OnTimer(EventLoop* el, int fd, EventLoop_IoEvents events, void* context)
{
    uint64_t expirations;
    (void)el;
    (void)events;
    (void)context;
    read(fd, &expirations, sizeof(expirations));
    Count(12);
}

static void RunTimer(const struct timespec every)
{
    const struct itimerspec value = {every, every};
    EventLoop* loop = EventLoop_Create();
    int fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
    timerfd_settime(fd, 0, &value, NULL);
    EventLoop_RegisterIo(loop, fd, EventLoop_Input, OnTimer, NULL);
    for (;;)
    {
        EventLoop_Run(loop, -1, true);
    }
}

int main(int argc, char* argv[])
{
    if (argc == 2 && strcmp(argv[1], "poll") == 0)
    {
        Poll();
    }
    if (argc == 2 && strcmp(argv[1], "sleeps") == 0)
    {
        Sleep();
    }
    if (argc == 2 && strcmp(argv[1], "spin") == 0)
    {
        Spin();
    }
    if (argc == 2 && strcmp(argv[1], "forever") == 0)
    {
        Log_Debug("for ever\n");
        while (true)
            ;
    }
    if (argc == 2 && strcmp(argv[1], "timers") == 0)
    {
        RunTimer((struct timespec){5, 0});
    }
    return 1;
}
