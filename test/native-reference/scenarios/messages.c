// Telemetry: sizes, properties, what is refused.
#include <stdlib.h>
#include <string.h>

#include "harness.h"

#define SAY_MESSAGE_RESULT(call) Say("%s -> %s", #call, NameOfMessageResult((int)(call)))

static const char* const awkward = "\xc3\xa4 & = + % / ? # $ \" '";

static int SendAndWait(Context* c, IOTHUB_MESSAGE_HANDLE message)
{
    int before = c->sent;
    Send(c, message);
    return RunUntil(c, &c->sent, before + 1) ? 0 : 1;
}

static int Sizes(Context* c)
{
    static const size_t sizes[] = {0, 1, 127, 128, 16383, 16384, 65536, 200000, 262000};
    if (!Connect(c))
    {
        return 1;
    }
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
    {
        unsigned char* bytes = malloc(sizes[i] + 1);
        for (size_t at = 0; at < sizes[i]; at++)
        {
            bytes[at] = (unsigned char)(at % 251);
        }
        Say("%lu bytes", (unsigned long)sizes[i]);
        int result = SendAndWait(c, IoTHubMessage_CreateFromByteArray(sizes[i] == 0 ? NULL : bytes, sizes[i]));
        free(bytes);
        if (result != 0)
        {
            return result;
        }
    }
    return 0;
}

static int TooLarge(Context* c)
{
    const size_t size = 256 * 1024;
    if (!Connect(c))
    {
        return 1;
    }
    unsigned char* bytes = calloc(1, size);
    Send(c, IoTHubMessage_CreateFromByteArray(bytes, size));
    free(bytes);
    RunFor(c, 60000);
    return 0;
}

static int SystemProperties(Context* c)
{
    if (!Connect(c))
    {
        return 1;
    }
    IOTHUB_MESSAGE_HANDLE message = IoTHubMessage_CreateFromString("{}");
    SAY_MESSAGE_RESULT(IoTHubMessage_SetMessageId(message, "message 1"));
    SAY_MESSAGE_RESULT(IoTHubMessage_SetCorrelationId(message, "correlation 1"));
    SAY_MESSAGE_RESULT(IoTHubMessage_SetContentTypeSystemProperty(message, "application%2Fjson"));
    SAY_MESSAGE_RESULT(IoTHubMessage_SetContentEncodingSystemProperty(message, "utf-8"));
    SAY_MESSAGE_RESULT(IoTHubMessage_SetMessageCreationTimeUtcSystemProperty(message, "2026-01-01T00:00:00Z"));
    SAY_MESSAGE_RESULT(IoTHubMessage_SetMessageUserIdSystemProperty(message, "somebody"));
    SAY_MESSAGE_RESULT(IoTHubMessage_SetConnectionDeviceId(message, "elsewhere"));
    SAY_MESSAGE_RESULT(IoTHubMessage_SetConnectionModuleId(message, "module"));
    SAY_MESSAGE_RESULT(IoTHubMessage_SetInputName(message, "in"));
    SAY_MESSAGE_RESULT(IoTHubMessage_SetOutputName(message, "out"));
    SAY_MESSAGE_RESULT(IoTHubMessage_SetComponentName(message, "component"));
    return SendAndWait(c, message);
}

// One message for each, so that a difference says which.
static int EachProperty(Context* c)
{
    typedef IOTHUB_MESSAGE_RESULT (*Set)(IOTHUB_MESSAGE_HANDLE, const char*);
    static const Set setters[] = {IoTHubMessage_SetMessageId,
                                  IoTHubMessage_SetCorrelationId,
                                  IoTHubMessage_SetContentTypeSystemProperty,
                                  IoTHubMessage_SetContentEncodingSystemProperty,
                                  IoTHubMessage_SetMessageCreationTimeUtcSystemProperty,
                                  IoTHubMessage_SetMessageUserIdSystemProperty,
                                  IoTHubMessage_SetOutputName,
                                  IoTHubMessage_SetComponentName};
    if (!Connect(c))
    {
        return 1;
    }
    for (size_t i = 0; i < sizeof(setters) / sizeof(setters[0]); i++)
    {
        IOTHUB_MESSAGE_HANDLE message = IoTHubMessage_CreateFromString("text");
        Say("property %d -> %s", (int)i, NameOfMessageResult((int)setters[i](message, "value")));
        if (SendAndWait(c, message) != 0)
        {
            return 1;
        }
    }
    return 0;
}

static int CustomProperties(Context* c, bool encode)
{
    if (!Create(c, MQTT_Protocol))
    {
        return 1;
    }
    SAY_RESULT(IoTHubDeviceClient_LL_SetOption(c->client, OPTION_AUTO_URL_ENCODE_DECODE, &encode));
    SetCallbacks(c);
    if (!RunUntil(c, &c->twins, 1))
    {
        return 1;
    }
    IOTHUB_MESSAGE_HANDLE message = IoTHubMessage_CreateFromString("text");
    SAY_MESSAGE_RESULT(IoTHubMessage_SetProperty(message, "plain", "value"));
    SAY_MESSAGE_RESULT(IoTHubMessage_SetProperty(message, "empty", ""));
    if (encode)
    {
        SAY_MESSAGE_RESULT(IoTHubMessage_SetProperty(message, "awkward", awkward));
        SAY_MESSAGE_RESULT(IoTHubMessage_SetMessageId(message, awkward));
        SAY_MESSAGE_RESULT(IoTHubMessage_SetContentTypeSystemProperty(message, "application/json; charset=utf-8"));
    }
    return SendAndWait(c, message);
}

static int PlainProperties(Context* c)
{
    return CustomProperties(c, false);
}

static int EncodedProperties(Context* c)
{
    return CustomProperties(c, true);
}

static int SecurityMessage(Context* c)
{
    if (!Connect(c))
    {
        return 1;
    }
    IOTHUB_MESSAGE_HANDLE message = IoTHubMessage_CreateFromString("{}");
    SAY_MESSAGE_RESULT(IoTHubMessage_SetAsSecurityMessage(message));
    return SendAndWait(c, message);
}

static int Many(Context* c)
{
    if (!Connect(c))
    {
        return 1;
    }
    for (int i = 0; i < 25; i++)
    {
        SendText(c, "one of many");
    }
    return RunUntil(c, &c->sent, 25) ? 0 : 1;
}

static int BeforeConnected(Context* c)
{
    if (!Create(c, MQTT_Protocol))
    {
        return 1;
    }
    SetCallbacks(c);
    SendText(c, "early");
    SAY_RESULT(IoTHubDeviceClient_LL_SendEventAsync(c->client, NULL, OnSent, c));
    return RunUntil(c, &c->sent, 1) && RunUntil(c, &c->twins, 1) ? 0 : 1;
}

static int TimedOut(Context* c)
{
    uint64_t timeout = 5000;
    if (!Connect(c))
    {
        return 1;
    }
    SAY_RESULT(IoTHubDeviceClient_LL_SetOption(c->client, OPTION_MESSAGE_TIMEOUT, &timeout));
    Ask("lose PUBACKs");
    SendText(c, "unanswered");
    return RunUntil(c, &c->sent, 1) ? 0 : 1;
}

static int Resent(Context* c)
{
    if (!Connect(c))
    {
        return 1;
    }
    Ask("lose a PUBACK");
    SendText(c, "sent again");
    return RunUntil(c, &c->sent, 1) ? 0 : 1;
}

const NamedScenario messageScenarios[] = {{"sizes", Sizes},
                                          {"too large", TooLarge},
                                          {"system properties", SystemProperties},
                                          {"each property", EachProperty},
                                          {"plain properties", PlainProperties},
                                          {"encoded properties", EncodedProperties},
                                          {"security message", SecurityMessage},
                                          {"many messages", Many},
                                          {"sent before it is connected", BeforeConnected},
                                          {"message that times out", TimedOut},
                                          {"message that is sent again", Resent},
                                          {NULL, NULL}};
