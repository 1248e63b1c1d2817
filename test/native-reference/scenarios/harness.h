// What scenarios are made of: calls of the SDK whose results are said, callbacks that say what they got, and waits.
// No scenario knows on which side it runs.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "azure_prov_client/iothub_security_factory.h"
#include "azure_prov_client/prov_device_ll_client.h"
#include "azure_prov_client/prov_security_factory.h"
#include "azure_prov_client/prov_transport_mqtt_client.h"
#include "azure_prov_client/prov_transport_mqtt_ws_client.h"
#include "iothub.h"
#include "iothub_client_options.h"
#include "iothub_device_client_ll.h"
#include "iothub_message.h"
#include "iothubtransportmqtt.h"
#include "iothubtransportmqtt_websockets.h"

typedef struct
{
    // Who and where: of the device with a certificate, and of the one with a key.
    const char* idScope;
    const char* hub;
    const char* deviceId;
    const char* connectionString;
    const char* registrationId;
    const char* registrationKey;

    IOTHUB_DEVICE_CLIENT_LL_HANDLE client;
    PROV_DEVICE_LL_HANDLE provisioning;
    // How often each callback came.
    int statuses;
    int sent;
    int twins;
    int reported;
    int methods;
    int messages;
    int registered;
    IOTHUB_CLIENT_CONNECTION_STATUS status;
    // What the callbacks answer.
    int methodStatus;
    const char* methodResponse; // NULL: none
    IOTHUBMESSAGE_DISPOSITION_RESULT disposition;
    IOTHUB_MESSAGE_HANDLE heldMessage; // of IOTHUBMESSAGE_ASYNC_ACK
    char assignedHub[128];
} Context;

// A line of the transcript.
void Say(const char* format, ...) __attribute__((format(printf, 1, 2)));
// The same for bytes: as text where they are printable, else their length and sum.
void SayBytes(const char* what, const unsigned char* bytes, size_t size);
// Asks the other end for something: the test does it.
void Ask(const char* what);

#define SAY_RESULT(call) Say("%s -> %s", #call, NameOfResult((int)(call)))
const char* NameOfResult(int result);
const char* NameOfMessageResult(int result);
const char* NameOfProvResult(int result);

// Calls DoWork every 100 ms until the counter is as high; false, and a line, after ten minutes.
bool RunUntil(Context* context, const int* counter, int value);
void RunFor(Context* context, int milliseconds);

// ---- a client, with all its callbacks

typedef IOTHUB_CLIENT_TRANSPORT_PROVIDER Protocol;

// With the device's certificate.
bool Create(Context* context, Protocol protocol);
// With a connection string: NULL for the context's.
bool CreateWithKey(Context* context, Protocol protocol, const char* connectionString);
void SetCallbacks(Context* context);
// Create with the certificate, and run until the first status.
bool Connect(Context* context);
void Destroy(Context* context);

void OnSent(IOTHUB_CLIENT_CONFIRMATION_RESULT result, void* context);
// Sends, and destroys the message. The number of the callback is its name.
void Send(Context* context, IOTHUB_MESSAGE_HANDLE message);
void SendText(Context* context, const char* text);
void OnTwin(DEVICE_TWIN_UPDATE_STATE state, const unsigned char* payload, size_t size, void* context);
void OnReported(int status, void* context);

// ---- scenarios

typedef int (*Scenario)(Context* context);
typedef struct
{
    const char* name;
    Scenario run;
} NamedScenario;

// Each list ends with {NULL, NULL}.
extern const NamedScenario connectionScenarios[];
extern const NamedScenario messageScenarios[];
extern const NamedScenario cloudScenarios[];
extern const NamedScenario provisioningScenarios[];
