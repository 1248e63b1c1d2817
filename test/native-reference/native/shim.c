// What stands between the native SDK and this machine, by the linker's --wrap: every name is a port on loopback, and time is the
// test's. Descriptor 3 is the way to it: "sleep MS" is answered with the time thereafter, in ms since 1970, and "resolve" with 1
// where names can be looked up, or 0.
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "azure_prov_client/prov_device_ll_client.h"
#include "iothub_device_client_ll.h"

#define TEST 3
// Where the scenarios' proxy is.
#define PROXY_PORT 3128

static double now = -1;
#define MAX_FDS 64
// What had come on a socket when the process last slept: bytes, and whether their end had.
static struct
{
    bool open;
    int bytes;
    bool end;
} arrived[MAX_FDS];

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

static void note_arrivals(void)
{
    for (int fd = 0; fd < MAX_FDS; fd++)
    {
        struct pollfd state = {.fd = fd, .events = POLLRDHUP};
        if (arrived[fd].open)
        {
            (void)ioctl(fd, FIONREAD, &arrived[fd].bytes);
            arrived[fd].end = poll(&state, 1, 0) == 1;
        }
    }
}

int __wrap_nanosleep(const struct timespec* duration, struct timespec* remaining)
{
    (void)remaining;
    now = sleep_by_test((double)duration->tv_sec * 1000 + (double)duration->tv_nsec / 1000000);
    note_arrivals();
    return 0;
}

extern ssize_t __real_recv(int fd, void* bytes, size_t size, int flags);

// What comes while the process works is for its next round: whether a refusal and the end of its connection come in one DoWork must
// not depend on how the two processes happen to run.
ssize_t __wrap_recv(int fd, void* bytes, size_t size, int flags)
{
    ssize_t received;
    if (arrived[fd].bytes == 0 && !arrived[fd].end)
    {
        errno = EAGAIN;
        return -1;
    }
    if (size > (size_t)arrived[fd].bytes && !arrived[fd].end)
    {
        size = (size_t)arrived[fd].bytes;
    }
    received = __real_recv(fd, bytes, size, flags);
    if (received > 0)
    {
        arrived[fd].bytes -= (int)received < arrived[fd].bytes ? (int)received : arrived[fd].bytes;
    }
    return received;
}

extern int __real_close(int fd);

int __wrap_close(int fd)
{
    if (fd >= 0 && fd < MAX_FDS)
    {
        arrived[fd].open = false;
    }
    return __real_close(fd);
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
    if (length != sizeof(there) || fd >= MAX_FDS)
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
    arrived[fd].open = true;
    arrived[fd].bytes = 0;
    arrived[fd].end = false;
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
