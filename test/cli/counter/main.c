// Counts its starts in the mutable file. It has no device authentication.
#include <time.h>
#include <unistd.h>

#include <applibs/log.h>
#include <applibs/storage.h>

int main(void)
{
    int count = 0;
    int fd = Storage_OpenMutableFile();
    if (fd == -1 || read(fd, &count, sizeof count) == -1)
        return 2;
    count++;
    if (lseek(fd, 0, SEEK_SET) != 0 || write(fd, &count, sizeof count) != sizeof count || close(fd) != 0)
        return 3;
    Log_Debug("Start %d\n", count);
    for (;;)
        nanosleep(&(struct timespec){ .tv_sec = 1 }, NULL);
}
