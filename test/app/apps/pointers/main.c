// Gives the device's functions a pointer to where no memory is.
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <applibs/log.h>
#include <applibs/storage.h>

int main(int argc, char* argv[])
{
    void* nowhere = (void*)strtoul(argv[argc - 1], NULL, 16);
    struct sockaddr_in there = {.sin_family = AF_INET, .sin_port = htons(1000)};
    int file = Storage_OpenMutableFile();
    int udp = socket(AF_INET, SOCK_DGRAM, 0);
    if (strcmp(argv[1], "read") == 0)
    {
        (void)write(file, "hello", 5);
        (void)lseek(file, 0, SEEK_SET);
        (void)read(file, nowhere, 5);
    }
    else if (strcmp(argv[1], "write") == 0)
    {
        (void)write(file, nowhere, 5);
    }
    else
    {
        (void)sendto(udp, nowhere, 100, 0, (const struct sockaddr*)&there, sizeof(there));
    }
    Log_Debug("still there\n");
    return 0;
}
