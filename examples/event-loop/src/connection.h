#pragma once

#include <applibs/eventloop.h>
#include <stdbool.h>
#include <stddef.h>

typedef struct
{
    // What is to be done with the properties that the cloud wishes, or with all of them at first.
    void (*onTwin)(bool complete, const char* json, size_t size);
    // The status of a direct method; `answer` is JSON, to be allocated with malloc.
    int (*onMethod)(const char* name, const char* payload, size_t size, char** answer);
} ConnectionHandlers;

// Where the hub is found: by DPS with this id scope, or by its name. Exactly one is not NULL.
typedef struct
{
    const char* scopeId;
    const char* hostname;
} ConnectionTarget;

// Connects, keeps connected, and calls DoWork. 0, or -1.
int Connection_Initialize(EventLoop* eventLoop, const ConnectionTarget* target, const ConnectionHandlers* handlers);
void Connection_Cleanup(void);
// Sends a JSON message; false while there is no connection.
bool Connection_SendTelemetry(const char* json);
// Reports properties; false while there is no connection.
bool Connection_ReportProperties(const char* json);
