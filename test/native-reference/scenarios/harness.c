#include "harness.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "azure_c_shared_utility/threadapi.h"
#include "azure_c_shared_utility/xlogging.h"

MU_DEFINE_ENUM_STRINGS_WITHOUT_INVALID(IOTHUB_CLIENT_RESULT, IOTHUB_CLIENT_RESULT_VALUES);
MU_DEFINE_ENUM_STRINGS_WITHOUT_INVALID(IOTHUB_CLIENT_CONFIRMATION_RESULT, IOTHUB_CLIENT_CONFIRMATION_RESULT_VALUES);
MU_DEFINE_ENUM_STRINGS_WITHOUT_INVALID(IOTHUB_CLIENT_CONNECTION_STATUS, IOTHUB_CLIENT_CONNECTION_STATUS_VALUES);
MU_DEFINE_ENUM_STRINGS_WITHOUT_INVALID(IOTHUB_CLIENT_CONNECTION_STATUS_REASON, IOTHUB_CLIENT_CONNECTION_STATUS_REASON_VALUES);
MU_DEFINE_ENUM_STRINGS_WITHOUT_INVALID(DEVICE_TWIN_UPDATE_STATE, DEVICE_TWIN_UPDATE_STATE_VALUES);
MU_DEFINE_ENUM_STRINGS_WITHOUT_INVALID(IOTHUB_MESSAGE_RESULT, IOTHUB_MESSAGE_RESULT_VALUES);
MU_DEFINE_ENUM_STRINGS_WITHOUT_INVALID(PROV_DEVICE_RESULT, PROV_DEVICE_RESULT_VALUE);

#define STEP 100
#define LONGEST 600000
#define SHOWN 120

// Callbacks come while DoWork runs; the transcript says of the others where they come.
static bool working = false;

static void SayLine(const char* format, va_list arguments)
{
    (void)vprintf(format, arguments);
    (void)printf("\n");
    (void)fflush(stdout);
}

void Say(const char* format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    SayLine(format, arguments);
    va_end(arguments);
}

// What a callback got.
static void Tell(const char* format, ...) __attribute__((format(printf, 1, 2)));
static void Tell(const char* format, ...)
{
    va_list arguments;
    (void)printf(working ? "< " : "< outside DoWork: ");
    va_start(arguments, format);
    SayLine(format, arguments);
    va_end(arguments);
}

static void DescribeBytes(char* text, size_t room, const unsigned char* bytes, size_t size)
{
    unsigned long sum = 0;
    bool printable = size <= SHOWN;
    for (size_t i = 0; i < size; i++)
    {
        sum = (sum * 31 + bytes[i]) & 0xffffffff;
        printable = printable && isprint(bytes[i]);
    }
    if (printable)
    {
        (void)snprintf(text, room, "'%.*s'", (int)size, (const char*)bytes);
    }
    else
    {
        (void)snprintf(text, room, "%lu bytes, %08lx", (unsigned long)size, sum);
    }
}

void SayBytes(const char* what, const unsigned char* bytes, size_t size)
{
    char text[SHOWN + 40];
    DescribeBytes(text, sizeof(text), bytes, size);
    Say("%s %s", what, text);
}

void Ask(const char* what)
{
    Say("ask %s", what);
}

const char* NameOfResult(int result)
{
    return MU_ENUM_TO_STRING(IOTHUB_CLIENT_RESULT, (IOTHUB_CLIENT_RESULT)result);
}

const char* NameOfMessageResult(int result)
{
    return MU_ENUM_TO_STRING(IOTHUB_MESSAGE_RESULT, (IOTHUB_MESSAGE_RESULT)result);
}

const char* NameOfProvResult(int result)
{
    return MU_ENUM_TO_STRING(PROV_DEVICE_RESULT, (PROV_DEVICE_RESULT)result);
}

// ---- waits

static void Step(Context* context)
{
    working = true;
    if (context->client != NULL)
    {
        IoTHubDeviceClient_LL_DoWork(context->client);
    }
    if (context->provisioning != NULL)
    {
        Prov_Device_LL_DoWork(context->provisioning);
    }
    working = false;
    ThreadAPI_Sleep(STEP);
}

bool RunUntil(Context* context, const int* counter, int value)
{
    for (int passed = 0; passed < LONGEST; passed += STEP)
    {
        if (*counter >= value)
        {
            return true;
        }
        Step(context);
    }
    Say("waited in vain");
    return false;
}

void RunFor(Context* context, int milliseconds)
{
    for (int passed = 0; passed < milliseconds; passed += STEP)
    {
        Step(context);
    }
}

// ---- a client

static void OnStatus(IOTHUB_CLIENT_CONNECTION_STATUS status, IOTHUB_CLIENT_CONNECTION_STATUS_REASON reason, void* context)
{
    Context* c = context;
    Tell("status %s, %s", MU_ENUM_TO_STRING(IOTHUB_CLIENT_CONNECTION_STATUS, status),
         MU_ENUM_TO_STRING(IOTHUB_CLIENT_CONNECTION_STATUS_REASON, reason));
    c->status = status;
    c->statuses++;
}

void OnTwin(DEVICE_TWIN_UPDATE_STATE state, const unsigned char* payload, size_t size, void* context)
{
    char text[SHOWN + 40];
    DescribeBytes(text, sizeof(text), payload, size);
    Tell("twin %s %s", MU_ENUM_TO_STRING(DEVICE_TWIN_UPDATE_STATE, state), text);
    ((Context*)context)->twins++;
}

void OnReported(int status, void* context)
{
    Tell("reported %d", status);
    ((Context*)context)->reported++;
}

static int OnMethod(const char* name, const unsigned char* payload, size_t size, unsigned char** response,
                    size_t* responseSize, void* context)
{
    Context* c = context;
    char text[SHOWN + 40];
    DescribeBytes(text, sizeof(text), payload, size);
    Tell("method %s %s", name, text);
    *response = NULL;
    *responseSize = 0;
    if (c->methodResponse != NULL)
    {
        *responseSize = strlen(c->methodResponse);
        *response = malloc(*responseSize + 1);
        (void)memcpy(*response, c->methodResponse, *responseSize + 1);
    }
    c->methods++;
    return c->methodStatus;
}

static void TellProperties(IOTHUB_MESSAGE_HANDLE message)
{
    const char* const* keys;
    const char* const* values;
    size_t count;
    if (Map_GetInternals(IoTHubMessage_Properties(message), &keys, &values, &count) == MAP_OK)
    {
        for (size_t i = 0; i < count; i++)
        {
            Tell("  %s = %s", keys[i], values[i]);
        }
    }
}

static const char* OrNone(const char* text)
{
    return text == NULL ? "none" : text;
}

static IOTHUBMESSAGE_DISPOSITION_RESULT OnMessage(IOTHUB_MESSAGE_HANDLE message, void* context)
{
    Context* c = context;
    char text[SHOWN + 40] = "without bytes";
    const unsigned char* bytes;
    size_t size;
    if (IoTHubMessage_GetByteArray(message, &bytes, &size) == IOTHUB_MESSAGE_OK)
    {
        DescribeBytes(text, sizeof(text), bytes, size);
    }
    Tell("message %s, id %s, correlation %s, type %s, encoding %s, user %s", text, OrNone(IoTHubMessage_GetMessageId(message)),
         OrNone(IoTHubMessage_GetCorrelationId(message)), OrNone(IoTHubMessage_GetContentTypeSystemProperty(message)),
         OrNone(IoTHubMessage_GetContentEncodingSystemProperty(message)),
         OrNone(IoTHubMessage_GetMessageUserIdSystemProperty(message)));
    TellProperties(message);
    c->messages++;
    c->heldMessage = message;
    return c->disposition;
}

void SetCallbacks(Context* context)
{
    IOTHUB_DEVICE_CLIENT_LL_HANDLE client = context->client;
    SAY_RESULT(IoTHubDeviceClient_LL_SetConnectionStatusCallback(client, OnStatus, context));
    SAY_RESULT(IoTHubDeviceClient_LL_SetDeviceTwinCallback(client, OnTwin, context));
    SAY_RESULT(IoTHubDeviceClient_LL_SetDeviceMethodCallback(client, OnMethod, context));
    SAY_RESULT(IoTHubDeviceClient_LL_SetMessageCallback(client, OnMessage, context));
}

bool Create(Context* context, Protocol protocol)
{
    static const int deviceIdForDaaCertUsage = 1;
    Say("iothub_security_init -> %d", iothub_security_init(IOTHUB_SECURITY_TYPE_X509));
    context->client = IoTHubDeviceClient_LL_CreateFromDeviceAuth(context->hub, context->deviceId, protocol);
    iothub_security_deinit();
    Say("IoTHubDeviceClient_LL_CreateFromDeviceAuth -> %s", context->client == NULL ? "NULL" : "a client");
    if (context->client == NULL)
    {
        return false;
    }
    SAY_RESULT(IoTHubDeviceClient_LL_SetOption(context->client, "SetDeviceId", &deviceIdForDaaCertUsage));
    return true;
}

bool CreateWithKey(Context* context, Protocol protocol, const char* connectionString)
{
    context->client = IoTHubDeviceClient_LL_CreateFromConnectionString(
        connectionString == NULL ? context->connectionString : connectionString, protocol);
    Say("IoTHubDeviceClient_LL_CreateFromConnectionString -> %s", context->client == NULL ? "NULL" : "a client");
    return context->client != NULL;
}

bool Connect(Context* context)
{
    if (!Create(context, MQTT_Protocol))
    {
        return false;
    }
    SetCallbacks(context);
    // The first twin comes last: by then all is subscribed to.
    return RunUntil(context, &context->statuses, 1) && RunUntil(context, &context->twins, 1);
}

void Destroy(Context* context)
{
    Say("IoTHubDeviceClient_LL_Destroy");
    IoTHubDeviceClient_LL_Destroy(context->client);
    context->client = NULL;
}

void OnSent(IOTHUB_CLIENT_CONFIRMATION_RESULT result, void* context)
{
    Tell("sent %s", MU_ENUM_TO_STRING(IOTHUB_CLIENT_CONFIRMATION_RESULT, result));
    ((Context*)context)->sent++;
}

void Send(Context* context, IOTHUB_MESSAGE_HANDLE message)
{
    SAY_RESULT(IoTHubDeviceClient_LL_SendEventAsync(context->client, message, OnSent, context));
    IoTHubMessage_Destroy(message);
}

void SendText(Context* context, const char* text)
{
    Send(context, IoTHubMessage_CreateFromString(text));
}

// ---- main

static const NamedScenario* const lists[] = {connectionScenarios, messageScenarios, cloudScenarios, provisioningScenarios};

static Scenario Find(const char* name)
{
    for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
    {
        for (const NamedScenario* each = lists[i]; each->name != NULL; each++)
        {
            if (strcmp(each->name, name) == 0)
            {
                return each->run;
            }
        }
    }
    return NULL;
}

// Arguments: the scenario, then the first six fields of the context.
int main(int argc, char* argv[])
{
    Context context;
    Scenario run = argc == 8 ? Find(argv[1]) : NULL;
    if (run == NULL)
    {
        Say("no such scenario, or not six values for it");
        return 99;
    }
    xlogging_set_log_function(NULL); // its lines are the platform's
    (void)memset(&context, 0, sizeof(context));
    context.idScope = argv[2];
    context.hub = argv[3];
    context.deviceId = argv[4];
    context.connectionString = argv[5];
    context.registrationId = argv[6];
    context.registrationKey = argv[7];
    context.methodStatus = 200;
    context.disposition = IOTHUBMESSAGE_ACCEPTED;
    Say("IoTHub_Init -> %d", IoTHub_Init());
    int result = run(&context);
    if (context.client != NULL)
    {
        Destroy(&context);
    }
    IoTHub_Deinit();
    Say("end %d", result);
    return result;
}
