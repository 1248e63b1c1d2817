// The native SDK as a client of `npm run bench`: the C SDK with its own adapters and OpenSSL, and DoWork in a tight loop.
//
//   native-client PORT FOLDER DEVICE_ID mqtt|mqtt-ws [SLEEP]
//
// FOLDER holds root.pem, device.pem and device-key.pem; with SLEEP, so many ms pass between two DoWork, as in apps. Orders and
// answers are those of client.mjs.
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <netdb.h>
#include <sys/socket.h>
#include <time.h>

#include "azure_c_shared_utility/shared_util_options.h"
#include "azure_c_shared_utility/threadapi.h"
#include "iothub.h"
#include "iothub_client_options.h"
#include "iothub_device_client_ll.h"
#include "iothub_message.h"
#include "iothubtransportmqtt.h"
#include "iothubtransportmqtt_websockets.h"

#define MESSAGE_SIZE 256

static int port;
static IOTHUB_DEVICE_CLIENT_LL_HANDLE client;
static bool running;
static long outstanding, confirmed, most;

extern int __real_connect(int fd, const struct sockaddr* address, socklen_t length);

int __wrap_connect(int fd, const struct sockaddr* address, socklen_t length)
{
    struct sockaddr_in there;
    (void)memcpy(&there, address, sizeof(there));
    there.sin_port = htons((uint16_t)port);
    return __real_connect(fd, (const struct sockaddr*)&there, length);
}

extern int __real_getaddrinfo(const char* node, const char* service, const struct addrinfo* hints, struct addrinfo** result);

int __wrap_getaddrinfo(const char* node, const char* service, const struct addrinfo* hints, struct addrinfo** result)
{
    (void)node;
    return __real_getaddrinfo("127.0.0.1", service, hints, result);
}

static double seconds(clockid_t clock)
{
    struct timespec now;
    (void)clock_gettime(clock, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void send_one(void);

static void on_confirmed(IOTHUB_CLIENT_CONFIRMATION_RESULT result, void* context)
{
    (void)context;
    if (result != IOTHUB_CLIENT_CONFIRMATION_OK)
    {
        (void)fprintf(stderr, "native-client: not confirmed, %d\n", (int)result);
        exit(1);
    }
    outstanding--;
    confirmed++;
    if (running && confirmed < most)
    {
        send_one();
    }
}

static void send_one(void)
{
    static unsigned char body[MESSAGE_SIZE];
    IOTHUB_MESSAGE_HANDLE message = IoTHubMessage_CreateFromByteArray(body, sizeof(body));
    if (IoTHubDeviceClient_LL_SendEventAsync(client, message, on_confirmed, NULL) != IOTHUB_CLIENT_OK)
    {
        (void)fprintf(stderr, "native-client: SendEventAsync failed\n");
        exit(1);
    }
    IoTHubMessage_Destroy(message);
    outstanding++;
}

static void work(unsigned int sleep)
{
    IoTHubDeviceClient_LL_DoWork(client);
    if (sleep > 0)
    {
        ThreadAPI_Sleep(sleep);
    }
}

static void run(long window, double limit, long messages, unsigned int sleep)
{
    double began = seconds(CLOCK_MONOTONIC);
    double cpu = seconds(CLOCK_PROCESS_CPUTIME_ID);
    double took;
    running = true;
    confirmed = 0;
    most = messages;
    for (long i = 0; i < window; i++)
    {
        send_one();
    }
    do
    {
        work(sleep);
        took = seconds(CLOCK_MONOTONIC) - began;
    } while (took < limit && confirmed < most);
    running = false;
    cpu = seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu;
    (void)printf("{\"messages\":%ld,\"seconds\":%.6f,\"cpu\":%.6f}\n", confirmed, took, cpu);
    while (outstanding > 0)
    {
        work(sleep);
    }
    (void)fflush(stdout);
}

static char* text_of(const char* folder, const char* name)
{
    char path[4096];
    char* text = calloc(1, 65536);
    FILE* file;
    (void)snprintf(path, sizeof(path), "%s/%s", folder, name);
    file = fopen(path, "rb");
    if (file == NULL || text == NULL || fread(text, 1, 65535, file) == 0)
    {
        (void)fprintf(stderr, "native-client: can't read %s\n", path);
        exit(1);
    }
    (void)fclose(file);
    return text;
}

int main(int argc, char** argv)
{
    unsigned int sleep = argc > 5 ? (unsigned int)atoi(argv[5]) : 0;
    char line[256];
    if (argc < 5)
    {
        (void)fprintf(stderr, "native-client PORT FOLDER DEVICE_ID mqtt|mqtt-ws [SLEEP]\n");
        return 2;
    }
    port = atoi(argv[1]);
    if (IoTHub_Init() != 0)
    {
        return 1;
    }
    (void)snprintf(line, sizeof(line), "HostName=bench.azure-devices.net;DeviceId=%s;x509=true", argv[3]);
    client = IoTHubDeviceClient_LL_CreateFromConnectionString(line, strcmp(argv[4], "mqtt-ws") == 0 ? MQTT_WebSocket_Protocol
                                                                                                    : MQTT_Protocol);
    if (client == NULL ||
        IoTHubDeviceClient_LL_SetOption(client, OPTION_TRUSTED_CERT, text_of(argv[2], "root.pem")) != IOTHUB_CLIENT_OK ||
        IoTHubDeviceClient_LL_SetOption(client, OPTION_X509_CERT, text_of(argv[2], "device.pem")) != IOTHUB_CLIENT_OK ||
        IoTHubDeviceClient_LL_SetOption(client, OPTION_X509_PRIVATE_KEY, text_of(argv[2], "device-key.pem")) != IOTHUB_CLIENT_OK)
    {
        return 1;
    }
    send_one();
    while (confirmed == 0)
    {
        work(sleep);
    }
    (void)printf("{}\n");
    (void)fflush(stdout);
    while (fgets(line, sizeof(line), stdin) != NULL)
    {
        long window, milliseconds, messages;
        if (sscanf(line, "%ld %ld %ld", &window, &milliseconds, &messages) != 3)
        {
            return 2;
        }
        run(window, milliseconds == 0 ? 1e9 : (double)milliseconds / 1000, messages == 0 ? 1000000000 : messages, sleep);
    }
    IoTHubDeviceClient_LL_Destroy(client);
    IoTHub_Deinit();
    return 0;
}
