// Uses the network every ten seconds, and says what came of it and how many milliseconds it took.
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <applibs/log.h>
#include <applibs/networking.h>

#include "users.h"

static const User* const users[] = {&tcpUser, &addressUser, &udpUser, &curlUser, &wolfUser};

static long Milliseconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (long)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void Run(const User* user, const char* network)
{
    user->start();
    for (long start = Milliseconds();; start += 10000)
    {
        bool ready = false;
        Networking_InterfaceConnectionStatus status = 0;
        (void)Networking_IsNetworkingReady(&ready);
        (void)Networking_GetInterfaceConnectionStatus(network, &status);
        long begin = Milliseconds();
        const char* kept = user->kept();
        long middle = Milliseconds();
        const char* fresh = user->fresh();
        Log_Debug("ready %d %u kept %s %ld new %s %ld\n", ready, (unsigned)status, kept, middle - begin, fresh, Milliseconds() - middle);
        long left = start + 10000 - Milliseconds();
        if (left > 0)
        {
            const struct timespec pause = {.tv_sec = left / 1000, .tv_nsec = left % 1000 * 1000000};
            nanosleep(&pause, NULL);
        }
    }
}

int main(int argc, char* argv[])
{
    if (argc == 3 && strcmp(argv[1], "hub") == 0)
    {
        RunHub(argv[2]);
    }
    if (argc == 3 && strcmp(argv[1], "server") == 0)
    {
        RunServer();
    }
    for (size_t i = 0; argc == 3 && i < sizeof(users) / sizeof(users[0]); i++)
    {
        if (strcmp(users[i]->name, argv[1]) == 0)
        {
            Run(users[i], argv[2]);
        }
    }
    return 1;
}
