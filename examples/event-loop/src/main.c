// A thermometer with a button and a lamp, in the shape that most Azure Sphere apps have: an event loop, timers, the DAA
// certificate, and DPS, IoT Hub or IoT Central behind it.
#include <applibs/eventloop.h>
#include <applibs/gpio.h>
#include <applibs/log.h>
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <hw/demo_board.h>

#include "connection.h"
#include "exit_codes.h"
#include "timers.h"

#define MAX_TWIN_SIZE 512

static volatile sig_atomic_t exitCode = ExitCode_Success;
static const struct timespec telemetryPeriod = {.tv_sec = 5};
static const struct timespec buttonPeriod = {.tv_nsec = 1000 * 1000};

static EventLoop* eventLoop;
static Timer* telemetryTimer;
static Timer* buttonTimer;
static int buttonFd = -1;
static int ledFd = -1;
static GPIO_Value_Type buttonState = GPIO_Value_High;
static double temperature = 20.0;
static bool lamp = false;

void App_Exit(ExitCode code)
{
    if (exitCode == ExitCode_Success)
    {
        exitCode = code;
    }
}

static void OnTerminate(int signalNumber)
{
    exitCode = ExitCode_TermHandler_SigTerm;
}

static void OnTelemetryTimer(void)
{
    char json[64];
    temperature += 0.5;
    snprintf(json, sizeof(json), "{\"temperature\":%.1f}", temperature);
    if (Connection_SendTelemetry(json))
    {
        Log_Debug("[App] Sent %s\n", json);
    }
}

static void OnButtonTimer(void)
{
    GPIO_Value_Type value;
    if (GPIO_GetValue(buttonFd, &value) != 0)
    {
        Log_Debug("ERROR: The button can't be read: %s (%d).\n", strerror(errno), errno);
        App_Exit(ExitCode_Peripheral);
        return;
    }
    if (value != buttonState && value == GPIO_Value_Low)
    {
        Log_Debug("[App] Button\n");
        Connection_SendTelemetry("{\"button\":true}");
    }
    buttonState = value;
}

// Does it, and acknowledges that: https://learn.microsoft.com/azure/iot/concepts-convention#writable-properties
static void SwitchLamp(const char* wish, int version)
{
    char json[96];
    bool on = strncmp(wish, "true", 4) == 0;
    bool understood = on || strncmp(wish, "false", 5) == 0;
    if (understood)
    {
        GPIO_SetValue(ledFd, on ? GPIO_Value_Low : GPIO_Value_High);
        Log_Debug("[App] Lamp %s\n", on ? "on" : "off");
        lamp = on;
    }
    snprintf(json, sizeof(json), "{\"lamp\":{\"value\":%s,\"ac\":%d,\"av\":%d,\"ad\":\"%s\"}}", lamp ? "true" : "false",
             understood ? 200 : 400, version, understood ? "switched" : "neither true nor false");
    Connection_ReportProperties(json);
}

static void OnTwin(bool complete, const char* json, size_t size)
{
    char text[MAX_TWIN_SIZE + 1];
    char* reported;
    const char* wish;
    const char* version;
    if (size > MAX_TWIN_SIZE)
    {
        Log_Debug("ERROR: The twin has %d bytes.\n", (int)size);
        App_Exit(ExitCode_TwinTooLarge);
        return;
    }
    memcpy(text, json, size);
    text[size] = '\0';
    reported = complete ? strstr(text, "\"reported\":") : NULL;
    if (reported != NULL)
    {
        *reported = '\0';
    }
    wish = strstr(text, "\"lamp\":");
    version = strstr(text, "\"$version\":");
    if (wish != NULL && version != NULL)
    {
        SwitchLamp(wish + strlen("\"lamp\":"), atoi(version + strlen("\"$version\":")));
    }
}

static int OnMethod(const char* name, const char* payload, size_t size, char** answer)
{
    if (strcmp(name, "setTemperature") != 0)
    {
        *answer = strdup("{}");
        return 404;
    }
    temperature = strtod(payload, NULL);
    *answer = malloc(64);
    if (*answer != NULL)
    {
        snprintf(*answer, 64, "{\"temperature\":%.1f}", temperature);
    }
    return 200;
}

static bool ReadArguments(int argc, char* argv[], ConnectionTarget* target)
{
    static const struct option options[] = {{.name = "ConnectionType", .has_arg = required_argument, .val = 'c'},
                                            {.name = "ScopeID", .has_arg = required_argument, .val = 's'},
                                            {.name = "Hostname", .has_arg = required_argument, .val = 'h'},
                                            {NULL, 0, NULL, 0}};
    const char* type = "DPS";
    int option;
    while ((option = getopt_long(argc, argv, "c:s:h:", options, NULL)) != -1)
    {
        switch (option)
        {
            case 'c':
                type = optarg;
                break;
            case 's':
                target->scopeId = optarg;
                break;
            case 'h':
                target->hostname = optarg;
                break;
            default:
                return false;
        }
    }
    if (strcmp(type, "DPS") == 0)
    {
        return target->scopeId != NULL && target->hostname == NULL;
    }
    return strcmp(type, "Direct") == 0 && target->hostname != NULL && target->scopeId == NULL;
}

static ExitCode Initialize(const ConnectionTarget* target)
{
    static const ConnectionHandlers handlers = {.onTwin = OnTwin, .onMethod = OnMethod};
    eventLoop = EventLoop_Create();
    if (eventLoop == NULL)
    {
        return ExitCode_EventLoop;
    }
    buttonFd = GPIO_OpenAsInput(DEMO_BUTTON);
    ledFd = GPIO_OpenAsOutput(DEMO_LED, GPIO_OutputMode_PushPull, GPIO_Value_High);
    if (buttonFd == -1 || ledFd == -1)
    {
        Log_Debug("ERROR: Button or lamp can't be opened: %s (%d).\n", strerror(errno), errno);
        return ExitCode_Peripheral;
    }
    telemetryTimer = Timer_Create(eventLoop, OnTelemetryTimer, &telemetryPeriod);
    buttonTimer = Timer_Create(eventLoop, OnButtonTimer, &buttonPeriod);
    if (telemetryTimer == NULL || buttonTimer == NULL || Connection_Initialize(eventLoop, target, &handlers) != 0)
    {
        return ExitCode_Timer;
    }
    return ExitCode_Success;
}

static void Cleanup(void)
{
    Connection_Cleanup();
    Timer_Dispose(telemetryTimer);
    Timer_Dispose(buttonTimer);
    if (ledFd != -1)
    {
        GPIO_SetValue(ledFd, GPIO_Value_High);
        close(ledFd);
    }
    if (buttonFd != -1)
    {
        close(buttonFd);
    }
    EventLoop_Close(eventLoop);
}

int main(int argc, char* argv[])
{
    struct sigaction action;
    ConnectionTarget target = {NULL, NULL};
    memset(&action, 0, sizeof(action));
    action.sa_handler = OnTerminate;
    sigaction(SIGTERM, &action, NULL);
    if (!ReadArguments(argc, argv, &target))
    {
        Log_Debug("ERROR: Use --ConnectionType DPS --ScopeID <id>, or --ConnectionType Direct --Hostname <name>.\n");
        return ExitCode_Arguments;
    }
    exitCode = Initialize(&target);
    while (exitCode == ExitCode_Success)
    {
        if (EventLoop_Run(eventLoop, -1, true) == EventLoop_Run_Failed && errno != EINTR)
        {
            exitCode = ExitCode_EventLoop;
        }
    }
    Cleanup();
    Log_Debug("[App] Exit with %d\n", exitCode);
    return exitCode;
}
