// Names of unlink and ftruncate (files.c).
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

int remove(const char* path)
{
    return unlink(path);
}

// All paths are absolute, so that no folder matters.
int unlinkat(int folder, const char* path, int flags)
{
    (void)folder;
    return (flags & AT_REMOVEDIR) != 0 ? rmdir(path) : unlink(path);
}

int truncate(const char* path, off_t size)
{
    int fd = open(path, O_WRONLY);
    int result = fd < 0 ? -1 : ftruncate(fd, size);
    if (fd >= 0)
    {
        (void)close(fd);
    }
    return result;
}
