// What stands between the native SDK and this machine, by the linker's --wrap: every name is a port on loopback, and time is the
// test's. Descriptor 3 is the way to it: "sleep MS" is answered with the time thereafter, in ms since 1970, and "resolve" with 1
// where names can be looked up, or 0.
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "azure_prov_client/prov_device_ll_client.h"
#include "iothub_device_client_ll.h"

#define TEST 3
// Where the scenarios' proxy is.
#define PROXY_PORT 3128

static double now = -1;

// The test answers with a number.
static double ask_test(const char* question)
{
    char line[64];
    size_t length = (size_t)snprintf(line, sizeof(line), "%s\n", question);
    if (write(TEST, line, length) != (ssize_t)length)
    {
        exit(97);
    }
    for (length = 0; length < sizeof(line) - 1; length++)
    {
        if (read(TEST, &line[length], 1) != 1)
        {
            exit(97); // the test is gone
        }
        if (line[length] == '\n')
        {
            break;
        }
    }
    line[length] = '\0';
    return strtod(line, NULL);
}

static double sleep_by_test(double milliseconds)
{
    char question[64];
    (void)snprintf(question, sizeof(question), "sleep %.3f", milliseconds);
    return ask_test(question);
}

static double time_of_test(void)
{
    if (now < 0)
    {
        now = sleep_by_test(0);
    }
    return now;
}

int __wrap_clock_gettime(clockid_t clock, struct timespec* result)
{
    double milliseconds = time_of_test();
    (void)clock;
    result->tv_sec = (time_t)(milliseconds / 1000);
    result->tv_nsec = (long)((milliseconds - (double)result->tv_sec * 1000) * 1000000);
    return 0;
}

time_t __wrap_time(time_t* result)
{
    time_t seconds = (time_t)(time_of_test() / 1000);
    if (result != NULL)
    {
        *result = seconds;
    }
    return seconds;
}

int __wrap_nanosleep(const struct timespec* duration, struct timespec* remaining)
{
    (void)remaining;
    now = sleep_by_test((double)duration->tv_sec * 1000 + (double)duration->tv_nsec / 1000000);
    return 0;
}

extern int __real_getaddrinfo(const char* node, const char* service, const struct addrinfo* hints, struct addrinfo** result);

int __wrap_getaddrinfo(const char* node, const char* service, const struct addrinfo* hints, struct addrinfo** result)
{
    (void)node;
    if (ask_test("resolve") == 0)
    {
        return EAI_AGAIN;
    }
    return __real_getaddrinfo("127.0.0.1", service, hints, result);
}

extern int __real_connect(int fd, const struct sockaddr* address, socklen_t length);

int __wrap_connect(int fd, const struct sockaddr* address, socklen_t length)
{
    struct sockaddr_in there;
    const char* port;
    if (length != sizeof(there))
    {
        return -1;
    }
    (void)memcpy(&there, address, sizeof(there));
    port = getenv(ntohs(there.sin_port) == PROXY_PORT ? "PROXY_PORT" : "EMULATOR_PORT");
    if (port == NULL)
    {
        return -1;
    }
    there.sin_port = htons((uint16_t)atoi(port));
    return __real_connect(fd, (const struct sockaddr*)&there, sizeof(there));
}

// The number of a key of wolfSSL's, which only the device's TLS layer knows.
extern IOTHUB_CLIENT_RESULT __real_IoTHubDeviceClient_LL_SetOption(IOTHUB_DEVICE_CLIENT_LL_HANDLE client, const char* name,
                                                                   const void* value);

IOTHUB_CLIENT_RESULT __wrap_IoTHubDeviceClient_LL_SetOption(IOTHUB_DEVICE_CLIENT_LL_HANDLE client, const char* name,
                                                            const void* value)
{
    return strcmp(name, "SetDeviceId") == 0 ? IOTHUB_CLIENT_OK : __real_IoTHubDeviceClient_LL_SetOption(client, name, value);
}

extern PROV_DEVICE_RESULT __real_Prov_Device_LL_SetOption(PROV_DEVICE_LL_HANDLE client, const char* name, const void* value);

PROV_DEVICE_RESULT __wrap_Prov_Device_LL_SetOption(PROV_DEVICE_LL_HANDLE client, const char* name, const void* value)
{
    return strcmp(name, "SetDeviceId") == 0 ? PROV_DEVICE_RESULT_OK : __real_Prov_Device_LL_SetOption(client, name, value);
}
