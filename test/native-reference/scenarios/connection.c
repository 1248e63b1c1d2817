// Connections: how they come about, end, and come about again.
#include <string.h>

#include "azure_c_shared_utility/shared_util_options.h"
#include "harness.h"

static int ConnectsWithCertificate(Context* c)
{
    return Connect(c) ? 0 : 1;
}

static int ConnectsWithKey(Context* c)
{
    if (!CreateWithKey(c, MQTT_Protocol, NULL))
    {
        return 1;
    }
    SetCallbacks(c);
    return RunUntil(c, &c->twins, 1) ? 0 : 1;
}

static int WebSocket(Context* c)
{
    if (!CreateWithKey(c, MQTT_WebSocket_Protocol, NULL))
    {
        return 1;
    }
    SetCallbacks(c);
    if (!RunUntil(c, &c->twins, 1))
    {
        return 1;
    }
    SendText(c, "over a WebSocket");
    return RunUntil(c, &c->sent, 1) ? 0 : 1;
}

static int WebSocketWithCertificate(Context* c)
{
    if (!Create(c, MQTT_WebSocket_Protocol))
    {
        return 1;
    }
    SetCallbacks(c);
    return RunUntil(c, &c->twins, 1) ? 0 : 1;
}

// A client that is refused: what it says of it, and that it goes on trying.
static int Refused(Context* c)
{
    if (!CreateWithKey(c, MQTT_Protocol, NULL))
    {
        return 1;
    }
    SetCallbacks(c);
    return RunUntil(c, &c->statuses, 1) ? 0 : 1;
}

static int BadConnectionStrings(Context* c)
{
    return CreateWithKey(c, MQTT_Protocol, "HostName=contoso.azure-devices.net") ||
           CreateWithKey(c, MQTT_Protocol, "") || CreateWithKey(c, MQTT_Protocol, "DeviceId=a;SharedAccessKey=YQ==");
}

// With messages waiting, so that something is lost, or not.
static int RetryWith(Context* c, IOTHUB_CLIENT_RETRY_POLICY policy)
{
    if (!Create(c, MQTT_Protocol))
    {
        return 1;
    }
    SAY_RESULT(IoTHubDeviceClient_LL_SetRetryPolicy(c->client, policy, 0));
    SetCallbacks(c);
    if (!RunUntil(c, &c->twins, 1))
    {
        return 1;
    }
    Ask("drop, and refuse twice");
    if (!RunUntil(c, &c->statuses, 2))
    {
        return 1;
    }
    SendText(c, "while it is not connected");
    RunFor(c, 240000);
    return 0;
}

static int RetryNone(Context* c)
{
    return RetryWith(c, IOTHUB_CLIENT_RETRY_NONE);
}

static int RetryImmediate(Context* c)
{
    return RetryWith(c, IOTHUB_CLIENT_RETRY_IMMEDIATE);
}

static int RetryInterval(Context* c)
{
    return RetryWith(c, IOTHUB_CLIENT_RETRY_INTERVAL);
}

static int RetryLinear(Context* c)
{
    return RetryWith(c, IOTHUB_CLIENT_RETRY_LINEAR_BACKOFF);
}

static int RetryExponential(Context* c)
{
    return RetryWith(c, IOTHUB_CLIENT_RETRY_EXPONENTIAL_BACKOFF);
}

static int RetryJitter(Context* c)
{
    return RetryWith(c, IOTHUB_CLIENT_RETRY_EXPONENTIAL_BACKOFF_WITH_JITTER);
}

static int RetryRandom(Context* c)
{
    return RetryWith(c, IOTHUB_CLIENT_RETRY_RANDOM);
}

static int RetryTimeLimit(Context* c)
{
    if (!Create(c, MQTT_Protocol))
    {
        return 1;
    }
    SAY_RESULT(IoTHubDeviceClient_LL_SetRetryPolicy(c->client, IOTHUB_CLIENT_RETRY_INTERVAL, 20));
    SetCallbacks(c);
    if (!RunUntil(c, &c->twins, 1))
    {
        return 1;
    }
    Ask("drop, and refuse always");
    RunFor(c, 120000);
    return 0;
}

// The connection breaks off at a packet that the test chooses before; all comes right in the end.
static int Dropped(Context* c)
{
    if (!Create(c, MQTT_Protocol))
    {
        return 1;
    }
    SetCallbacks(c);
    SendText(c, "one");
    if (!RunUntil(c, &c->sent, 1) || !RunUntil(c, &c->twins, 1))
    {
        return 1;
    }
    SendText(c, "two");
    return RunUntil(c, &c->sent, 2) ? 0 : 1;
}

static int TakenOver(Context* c)
{
    if (!Connect(c))
    {
        return 1;
    }
    Ask("take over");
    return RunUntil(c, &c->statuses, 3) ? 0 : 1;
}

static int KeepAlive(Context* c)
{
    int seconds = 20;
    if (!Create(c, MQTT_Protocol))
    {
        return 1;
    }
    SAY_RESULT(IoTHubDeviceClient_LL_SetOption(c->client, OPTION_KEEP_ALIVE, &seconds));
    SetCallbacks(c);
    if (!RunUntil(c, &c->twins, 1))
    {
        return 1;
    }
    RunFor(c, 70000);
    return 0;
}

static int KeepAliveUnanswered(Context* c)
{
    int seconds = 20;
    if (!Create(c, MQTT_Protocol))
    {
        return 1;
    }
    SAY_RESULT(IoTHubDeviceClient_LL_SetOption(c->client, OPTION_KEEP_ALIVE, &seconds));
    SetCallbacks(c);
    if (!RunUntil(c, &c->twins, 1))
    {
        return 1;
    }
    Ask("half-open");
    return RunUntil(c, &c->statuses, 3) ? 0 : 1;
}

// The desired property changes meanwhile, and again when the client is connected anew.
static int OutageOf(Context* c, bool sends)
{
    // Notices silence by its pings, or by what is not acknowledged.
    int seconds = sends ? 240 : 20;
    if (!Create(c, MQTT_Protocol))
    {
        return 1;
    }
    SAY_RESULT(IoTHubDeviceClient_LL_SetOption(c->client, OPTION_KEEP_ALIVE, &seconds));
    // The default policy draws by chance.
    SAY_RESULT(IoTHubDeviceClient_LL_SetRetryPolicy(c->client, IOTHUB_CLIENT_RETRY_INTERVAL, 0));
    SetCallbacks(c);
    if (!RunUntil(c, &c->twins, 1))
    {
        return 1;
    }
    RunFor(c, 5000); // then it has subscribed to changes, too
    Ask("lose the network");
    RunFor(c, 1000);
    if (sends)
    {
        SendText(c, "one");
        SendText(c, "two");
    }
    RunFor(c, 600000);
    int before = c->sent;
    SendText(c, "three");
    (void)RunUntil(c, &c->sent, before + 1);
    before = c->twins;
    Ask("update desired");
    return RunUntil(c, &c->twins, before + 1) ? 0 : 1;
}

static int Outage(Context* c)
{
    return OutageOf(c, false);
}

static int OutageWithMessages(Context* c)
{
    return OutageOf(c, true);
}

static void SetManyOptions(Context* c)
{
    int keepAlive = 60;
    bool on = true;
    bool off = false;
    SAY_RESULT(IoTHubDeviceClient_LL_SetOption(c->client, OPTION_KEEP_ALIVE, &keepAlive));
    SAY_RESULT(IoTHubDeviceClient_LL_SetOption(c->client, OPTION_AUTO_URL_ENCODE_DECODE, &on));
    SAY_RESULT(IoTHubDeviceClient_LL_SetOption(c->client, OPTION_PRODUCT_INFO, "thermometer/1.0"));
    SAY_RESULT(IoTHubDeviceClient_LL_SetOption(c->client, OPTION_MODEL_ID, "dtmi:com:example:Thermometer;1"));
    SAY_RESULT(IoTHubDeviceClient_LL_SetOption(c->client, OPTION_LOG_TRACE, &off));
    SAY_RESULT(IoTHubDeviceClient_LL_SetOption(c->client, "no such option", &off));
    SAY_RESULT(IoTHubDeviceClient_LL_SetOption(c->client, OPTION_KEEP_ALIVE, NULL));
}

static int OptionsThenCallbacks(Context* c)
{
    if (!Create(c, MQTT_Protocol))
    {
        return 1;
    }
    SetManyOptions(c);
    SetCallbacks(c);
    return RunUntil(c, &c->twins, 1) ? 0 : 1;
}

static int CallbacksThenOptions(Context* c)
{
    if (!Create(c, MQTT_Protocol))
    {
        return 1;
    }
    SetCallbacks(c);
    SetManyOptions(c);
    return RunUntil(c, &c->twins, 1) ? 0 : 1;
}

static int OptionsWhenConnected(Context* c)
{
    if (!Connect(c))
    {
        return 1;
    }
    SetManyOptions(c);
    Ask("drop");
    return RunUntil(c, &c->twins, 2) ? 0 : 1;
}

static int NothingSet(Context* c)
{
    if (!Create(c, MQTT_Protocol))
    {
        return 1;
    }
    SendText(c, "alone");
    return RunUntil(c, &c->sent, 1) ? 0 : 1;
}

static int DestroyedAtOnce(Context* c)
{
    return Create(c, MQTT_Protocol) ? 0 : 1;
}

// `password` may be NULL: then there is no user name either.
static int ThroughProxy(Context* c, Protocol protocol, const char* password)
{
    HTTP_PROXY_OPTIONS proxy = {"proxy.contoso.com", 3128, password == NULL ? NULL : "user", password};
    if (!CreateWithKey(c, protocol, NULL))
    {
        return 1;
    }
    SAY_RESULT(IoTHubDeviceClient_LL_SetOption(c->client, OPTION_HTTP_PROXY, &proxy));
    SetCallbacks(c);
    return RunUntil(c, &c->statuses, 1) ? 0 : 1;
}

static int Proxy(Context* c)
{
    return ThroughProxy(c, MQTT_Protocol, NULL);
}

static int ProxyWithPassword(Context* c)
{
    return ThroughProxy(c, MQTT_WebSocket_Protocol, "password");
}

static int ProxyAndWebSocket(Context* c)
{
    return ThroughProxy(c, MQTT_WebSocket_Protocol, NULL);
}

// What has been sent is not confirmed yet when the client goes: the answer has come, but was not read.
static int DestroyedWhileSending(Context* c)
{
    if (!Connect(c))
    {
        return 1;
    }
    SendText(c, "without an end");
    RunFor(c, 100); // it is sent, and the PUBACK comes while the app sleeps
    Destroy(c);
    return 0;
}

static int TwoClients(Context* c)
{
    Context second = *c;
    if (!Connect(c) || !CreateWithKey(&second, MQTT_Protocol, NULL))
    {
        return 1;
    }
    SetCallbacks(&second);
    if (!RunUntil(&second, &second.twins, 1))
    {
        return 1;
    }
    SendText(c, "first");
    SendText(&second, "second");
    bool sent = RunUntil(c, &c->sent, 1) && RunUntil(&second, &second.sent, 1);
    Destroy(&second);
    return sent ? 0 : 1;
}

const NamedScenario connectionScenarios[] = {
    {"connect with a certificate", ConnectsWithCertificate},
    {"connect with a key", ConnectsWithKey},
    {"WebSocket", WebSocket},
    {"WebSocket with a certificate", WebSocketWithCertificate},
    {"refused", Refused},
    {"bad connection strings", BadConnectionStrings},
    {"retry: none", RetryNone},
    {"retry: immediate", RetryImmediate},
    {"retry: interval", RetryInterval},
    {"retry: linear backoff", RetryLinear},
    {"retry: exponential backoff", RetryExponential},
    {"retry: exponential backoff with jitter", RetryJitter},
    {"retry: random", RetryRandom},
    {"retry: time limit", RetryTimeLimit},
    {"dropped", Dropped},
    {"taken over", TakenOver},
    {"keep-alive", KeepAlive},
    {"keep-alive, unanswered", KeepAliveUnanswered},
    {"outage", Outage},
    {"outage, half-open with messages under way", OutageWithMessages},
    {"outage, down with messages under way", OutageWithMessages},
    {"outage, short with messages under way", OutageWithMessages},
    {"options, then callbacks", OptionsThenCallbacks},
    {"callbacks, then options", CallbacksThenOptions},
    {"options when connected", OptionsWhenConnected},
    {"nothing set", NothingSet},
    {"destroyed at once", DestroyedAtOnce},
    {"destroyed while sending", DestroyedWhileSending},
    {"two clients", TwoClients},
    {"proxy", Proxy},
    {"proxy and WebSocket, with a password", ProxyWithPassword},
    {"proxy and WebSocket", ProxyAndWebSocket},
    {NULL, NULL}};
