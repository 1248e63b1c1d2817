// Reads a thermometer over I2C once a second and hands the value to an application of a real-time core, which runs a fan and
// says what it did. The lamp shows that the thermometer does not answer.
#include <applibs/application.h>
#include <applibs/eventloop.h>
#include <applibs/gpio.h>
#include <applibs/i2c.h>
#include <applibs/log.h>
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <hw/demo_board.h>

#define THERMOMETER 0x48
#define TEMPERATURE_REGISTER 0x00

enum
{
    ExitCode_SigTerm = 1,
    ExitCode_EventLoop = 2,
    ExitCode_Peripheral = 3,
    ExitCode_RealTimeApp = 4
};

static const char realTimeAppId[] = "f6768b9a-e086-4f5a-8219-5ffe9684b001";
static volatile sig_atomic_t exitCode = 0;
static int busFd = -1;
static int ledFd = -1;
static int realTimeFd = -1;

static void OnTerminate(int signalNumber)
{
    exitCode = ExitCode_SigTerm;
}

static void OnTimer(EventLoop* el, int fd, EventLoop_IoEvents events, void* context)
{
    const uint8_t reg = TEMPERATURE_REGISTER;
    uint64_t expirations;
    uint8_t raw[2];
    char message[16];
    int tenths;
    if (read(fd, &expirations, sizeof(expirations)) == -1)
    {
        exitCode = ExitCode_EventLoop;
        return;
    }
    if (I2CMaster_WriteThenRead(busFd, THERMOMETER, &reg, sizeof(reg), raw, sizeof(raw)) != 3)
    {
        Log_Debug("The thermometer does not answer: %s\n", strerror(errno));
        GPIO_SetValue(ledFd, GPIO_Value_Low);
        return;
    }
    GPIO_SetValue(ledFd, GPIO_Value_High);
    // 12 bits of 1/16 degree, from the left, with their sign.
    tenths = (int16_t)(raw[0] << 8 | raw[1]) / 16 * 10 / 16;
    snprintf(message, sizeof(message), "%d", tenths);
    Log_Debug("Temperature %d.%d\n", tenths / 10, tenths < 0 ? -tenths % 10 : tenths % 10);
    if (send(realTimeFd, message, strlen(message), 0) == -1)
    {
        Log_Debug("The real-time application can't be told: %s\n", strerror(errno));
    }
}

static void OnRealTimeMessage(EventLoop* el, int fd, EventLoop_IoEvents events, void* context)
{
    char message[32];
    ssize_t size = recv(fd, message, sizeof(message), 0);
    if (size == -1)
    {
        exitCode = ExitCode_RealTimeApp;
        return;
    }
    Log_Debug("Fan %.*s\n", (int)size, message);
}

static int Initialize(EventLoop* eventLoop)
{
    const struct timeval timeout = {.tv_sec = 5};
    const struct itimerspec period = {.it_value = {.tv_sec = 1}, .it_interval = {.tv_sec = 1}};
    int timerFd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
    busFd = I2CMaster_Open(DEMO_SENSOR_BUS);
    ledFd = GPIO_OpenAsOutput(DEMO_LED, GPIO_OutputMode_PushPull, GPIO_Value_High);
    if (busFd == -1 || ledFd == -1 || I2CMaster_SetBusSpeed(busFd, I2C_BUS_SPEED_STANDARD) != 0 ||
        I2CMaster_SetTimeout(busFd, 100) != 0)
    {
        return ExitCode_Peripheral;
    }
    realTimeFd = Application_Connect(realTimeAppId);
    if (realTimeFd == -1 || setsockopt(realTimeFd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout)) != 0)
    {
        Log_Debug("The real-time application is not there: %s\n", strerror(errno));
        return ExitCode_RealTimeApp;
    }
    if (timerFd == -1 || timerfd_settime(timerFd, 0, &period, NULL) != 0 ||
        EventLoop_RegisterIo(eventLoop, timerFd, EventLoop_Input, OnTimer, NULL) == NULL ||
        EventLoop_RegisterIo(eventLoop, realTimeFd, EventLoop_Input, OnRealTimeMessage, NULL) == NULL)
    {
        return ExitCode_EventLoop;
    }
    return 0;
}

int main(void)
{
    EventLoop* eventLoop = EventLoop_Create();
    struct sigaction action;
    memset(&action, 0, sizeof(action));
    action.sa_handler = OnTerminate;
    sigaction(SIGTERM, &action, NULL);
    exitCode = Initialize(eventLoop);
    while (exitCode == 0)
    {
        if (EventLoop_Run(eventLoop, -1, true) == EventLoop_Run_Failed && errno != EINTR)
        {
            exitCode = ExitCode_EventLoop;
        }
    }
    return exitCode;
}
