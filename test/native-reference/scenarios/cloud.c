// What comes from the hub: twins, direct methods, cloud-to-device messages.
#include <string.h>

#include "azure_c_shared_utility/threadapi.h"
#include "harness.h"

static void Report(Context* c, const char* json)
{
    SAY_RESULT(IoTHubDeviceClient_LL_SendReportedState(c->client, (const unsigned char*)json, strlen(json), OnReported, c));
}

static int Twin(Context* c)
{
    if (!Connect(c))
    {
        return 1;
    }
    Report(c, "{\"temperature\":21.5,\"nested\":{\"a\":[1,2]}}");
    if (!RunUntil(c, &c->reported, 1))
    {
        return 1;
    }
    Ask("update desired");
    if (!RunUntil(c, &c->twins, 2))
    {
        return 1;
    }
    SAY_RESULT(IoTHubDeviceClient_LL_GetTwinAsync(c->client, OnTwin, c));
    return RunUntil(c, &c->twins, 3) ? 0 : 1;
}

static int TwinRefused(Context* c)
{
    if (!Connect(c))
    {
        return 1;
    }
    Ask("refuse reports");
    Report(c, "{\"refused\":true}");
    if (!RunUntil(c, &c->reported, 1))
    {
        return 1;
    }
    Report(c, "no JSON");
    return RunUntil(c, &c->reported, 2) ? 0 : 1;
}

static int TwinOften(Context* c)
{
    if (!Connect(c))
    {
        return 1;
    }
    for (int i = 0; i < 5; i++)
    {
        Report(c, "{\"again\":true}");
    }
    return RunUntil(c, &c->reported, 5) ? 0 : 1;
}

static int TwinAcrossLoss(Context* c)
{
    if (!Connect(c))
    {
        return 1;
    }
    Ask("drop, and update desired");
    return RunUntil(c, &c->statuses, 3) && RunUntil(c, &c->twins, 2) ? 0 : 1;
}

static int Unsubscribes(Context* c)
{
    if (!Connect(c))
    {
        return 1;
    }
    SAY_RESULT(IoTHubDeviceClient_LL_SetDeviceMethodCallback(c->client, NULL, NULL));
    SAY_RESULT(IoTHubDeviceClient_LL_SetMessageCallback(c->client, NULL, NULL));
    SAY_RESULT(IoTHubDeviceClient_LL_SetDeviceTwinCallback(c->client, NULL, NULL));
    RunFor(c, 5000);
    return 0;
}

static int MethodWith(Context* c, int status, const char* response)
{
    c->methodStatus = status;
    c->methodResponse = response;
    if (!Connect(c))
    {
        return 1;
    }
    RunFor(c, 2000);
    Ask("call method");
    bool called = RunUntil(c, &c->methods, 1);
    RunFor(c, 1000);
    return called ? 0 : 1;
}

static int Method200(Context* c)
{
    return MethodWith(c, 200, "{\"done\":true}");
}

static int Method404(Context* c)
{
    return MethodWith(c, 404, "\"what?\"");
}

static int Method500(Context* c)
{
    return MethodWith(c, 500, "{}");
}

static int MethodNegative(Context* c)
{
    return MethodWith(c, -1, "{}");
}

static int MethodWithoutResponse(Context* c)
{
    return MethodWith(c, 200, NULL);
}

static int MethodEmptyResponse(Context* c)
{
    return MethodWith(c, 200, "");
}

static int MethodNoJson(Context* c)
{
    return MethodWith(c, 200, "no JSON");
}

static int MessageWith(Context* c, IOTHUBMESSAGE_DISPOSITION_RESULT disposition)
{
    c->disposition = disposition;
    if (!Connect(c))
    {
        return 1;
    }
    RunFor(c, 2000);
    Ask("send message");
    bool came = RunUntil(c, &c->messages, 1);
    RunFor(c, 1000);
    return came ? 0 : 1;
}

static int MessageAccepted(Context* c)
{
    return MessageWith(c, IOTHUBMESSAGE_ACCEPTED);
}

static int MessageRejected(Context* c)
{
    return MessageWith(c, IOTHUBMESSAGE_REJECTED);
}

static int MessageAbandoned(Context* c)
{
    return MessageWith(c, IOTHUBMESSAGE_ABANDONED);
}

static int MessageAnsweredLater(Context* c)
{
    if (MessageWith(c, IOTHUBMESSAGE_ASYNC_ACK) != 0)
    {
        return 1;
    }
    SAY_RESULT(IoTHubDeviceClient_LL_SendMessageDisposition(c->client, c->heldMessage, IOTHUBMESSAGE_ACCEPTED));
    RunFor(c, 1000);
    return 0;
}

// Another one has arrived, and is read in DoWork only.
static int MessageAnsweredWhileAnotherWaits(Context* c)
{
    if (MessageWith(c, IOTHUBMESSAGE_ASYNC_ACK) != 0)
    {
        return 1;
    }
    Ask("send message");
    ThreadAPI_Sleep(1000);
    SAY_RESULT(IoTHubDeviceClient_LL_SendMessageDisposition(c->client, c->heldMessage, IOTHUBMESSAGE_ACCEPTED));
    return RunUntil(c, &c->messages, 2) ? 0 : 1;
}

static int MessagesThatWaited(Context* c)
{
    Ask("send three messages");
    return Connect(c) && RunUntil(c, &c->messages, 3) ? 0 : 1;
}

static int MessageAndAnswer(Context* c)
{
    if (!Connect(c))
    {
        return 1;
    }
    RunFor(c, 2000);
    Ask("send message");
    if (!RunUntil(c, &c->messages, 1))
    {
        return 1;
    }
    SendText(c, "answer");
    return RunUntil(c, &c->sent, 1) ? 0 : 1;
}

const NamedScenario cloudScenarios[] = {{"twin", Twin},
                                        {"twin, refused", TwinRefused},
                                        {"twin, often", TwinOften},
                                        {"twin, across a loss", TwinAcrossLoss},
                                        {"unsubscribes", Unsubscribes},
                                        {"method: 200", Method200},
                                        {"method: 404", Method404},
                                        {"method: 500", Method500},
                                        {"method: -1", MethodNegative},
                                        {"method without a response", MethodWithoutResponse},
                                        {"method with an empty response", MethodEmptyResponse},
                                        {"method whose response is no JSON", MethodNoJson},
                                        {"message: accepted", MessageAccepted},
                                        {"message: rejected", MessageRejected},
                                        {"message: abandoned", MessageAbandoned},
                                        {"message: answered later", MessageAnsweredLater},
                                        {"message: answered while another waits", MessageAnsweredWhileAnotherWaits},
                                        {"messages that waited", MessagesThatWaited},
                                        {"message and answer", MessageAndAnswer},
                                        {NULL, NULL}};
