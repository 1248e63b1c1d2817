// A counter of presses of a button, in the shape of the first SDKs: epoll, timerfd, a handler for each. The count is kept in
// the mutable file and reported by the twin; a message from the cloud sets it.
#include <applibs/gpio.h>
#include <applibs/log.h>
#include <applibs/storage.h>
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <azure_sphere_provisioning.h>
#include <iothub.h>
#include <iothub_client_options.h>
#include <iothub_device_client_ll.h>
#include <iothub_message.h>
#include <iothubtransportmqtt.h>

#include <hw/demo_board.h>

typedef struct EventData
{
    void (*handler)(struct EventData* event);
    int fd;
} EventData;

static volatile sig_atomic_t terminationRequired = false;
static int epollFd = -1;
static int buttonFd = -1;
static int ledFd = -1;
static GPIO_Value_Type buttonState = GPIO_Value_High;
static int count = 0;
static IOTHUB_DEVICE_CLIENT_LL_HANDLE hub = NULL;

static void OnTerminate(int signalNumber)
{
    terminationRequired = true;
}

static int LoadCount(void)
{
    int value = 0;
    int fd = Storage_OpenMutableFile();
    if (fd == -1 || read(fd, &value, sizeof(value)) != sizeof(value))
    {
        value = 0;
    }
    if (fd != -1)
    {
        close(fd);
    }
    return value;
}

static void SetCount(int value)
{
    char json[32];
    int fd = Storage_OpenMutableFile();
    count = value;
    Log_Debug("Count %d\n", count);
    if (fd == -1 || write(fd, &count, sizeof(count)) != sizeof(count))
    {
        Log_Debug("The count can't be kept: %s\n", strerror(errno));
    }
    if (fd != -1)
    {
        close(fd);
    }
    snprintf(json, sizeof(json), "{\"count\":%d}", count);
    IoTHubDeviceClient_LL_SendReportedState(hub, (const unsigned char*)json, strlen(json), NULL, NULL);
    GPIO_SetValue(ledFd, count % 2 == 0 ? GPIO_Value_High : GPIO_Value_Low);
}

static IOTHUBMESSAGE_DISPOSITION_RESULT OnMessage(IOTHUB_MESSAGE_HANDLE message, void* context)
{
    const unsigned char* bytes;
    size_t size;
    char text[16] = "";
    if (IoTHubMessage_GetByteArray(message, &bytes, &size) != IOTHUB_MESSAGE_OK || size >= sizeof(text))
    {
        return IOTHUBMESSAGE_REJECTED;
    }
    memcpy(text, bytes, size);
    SetCount(atoi(text));
    return IOTHUBMESSAGE_ACCEPTED;
}

static void OnStatus(IOTHUB_CLIENT_CONNECTION_STATUS result, IOTHUB_CLIENT_CONNECTION_STATUS_REASON reason, void* context)
{
    Log_Debug("%s (%d)\n", result == IOTHUB_CLIENT_CONNECTION_AUTHENTICATED ? "Connected" : "Not connected", reason);
}

static int Consume(int timerFd)
{
    uint64_t expirations;
    return read(timerFd, &expirations, sizeof(expirations)) == sizeof(expirations) ? 0 : -1;
}

static void OnButtonTimer(EventData* event)
{
    GPIO_Value_Type value;
    if (Consume(event->fd) != 0 || GPIO_GetValue(buttonFd, &value) != 0)
    {
        terminationRequired = true;
        return;
    }
    if (value == GPIO_Value_Low && buttonState == GPIO_Value_High)
    {
        SetCount(count + 1);
    }
    buttonState = value;
}

static void OnWorkTimer(EventData* event)
{
    if (Consume(event->fd) != 0)
    {
        terminationRequired = true;
        return;
    }
    IoTHubDeviceClient_LL_DoWork(hub);
}

static int AddTimer(EventData* event, long nanoseconds)
{
    struct itimerspec period = {.it_value = {.tv_nsec = nanoseconds}, .it_interval = {.tv_nsec = nanoseconds}};
    struct epoll_event added = {.events = EPOLLIN, .data.ptr = event};
    event->fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
    return event->fd == -1 || timerfd_settime(event->fd, 0, &period, NULL) != 0
               ? -1
               : epoll_ctl(epollFd, EPOLL_CTL_ADD, event->fd, &added);
}

static int WaitForEventAndCallHandler(void)
{
    struct epoll_event event;
    int events = epoll_wait(epollFd, &event, 1, -1);
    if (events == -1)
    {
        return errno == EINTR ? 0 : -1;
    }
    if (events == 1)
    {
        EventData* data = event.data.ptr;
        data->handler(data);
    }
    return 0;
}

static int Connect(const char* hostname)
{
    const int deviceId = 1;
    int keepAlive = 20;
    IoTHub_Init();
    hub = IoTHubDeviceClient_LL_CreateWithAzureSphereFromDeviceAuth(hostname, &MQTT_Protocol);
    if (hub == NULL || IoTHubDeviceClient_LL_SetOption(hub, "SetDeviceId", &deviceId) != IOTHUB_CLIENT_OK ||
        IoTHubDeviceClient_LL_SetOption(hub, OPTION_KEEP_ALIVE, &keepAlive) != IOTHUB_CLIENT_OK)
    {
        return -1;
    }
    IoTHubDeviceClient_LL_SetRetryPolicy(hub, IOTHUB_CLIENT_RETRY_INTERVAL, 0);
    IoTHubDeviceClient_LL_SetMessageCallback(hub, OnMessage, NULL);
    IoTHubDeviceClient_LL_SetConnectionStatusCallback(hub, OnStatus, NULL);
    return 0;
}

int main(int argc, char* argv[])
{
    static EventData button = {.handler = OnButtonTimer};
    static EventData work = {.handler = OnWorkTimer};
    struct sigaction action;
    memset(&action, 0, sizeof(action));
    action.sa_handler = OnTerminate;
    sigaction(SIGTERM, &action, NULL);
    count = LoadCount();
    Log_Debug("Starts with %d\n", count);
    epollFd = epoll_create1(0);
    buttonFd = GPIO_OpenAsInput(DEMO_BUTTON);
    ledFd = GPIO_OpenAsOutput(DEMO_LED, GPIO_OutputMode_PushPull, GPIO_Value_High);
    if (argc != 2 || epollFd == -1 || buttonFd == -1 || ledFd == -1 || Connect(argv[1]) != 0 ||
        AddTimer(&button, 10 * 1000 * 1000) != 0 || AddTimer(&work, 100 * 1000 * 1000) != 0)
    {
        Log_Debug("Can't start\n");
        return 1;
    }
    while (!terminationRequired)
    {
        if (WaitForEventAndCallHandler() != 0)
        {
            terminationRequired = true;
        }
    }
    // As in the samples of that time: the handle is left to the system.
    Log_Debug("Ends\n");
    return 0;
}
