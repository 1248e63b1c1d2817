// The working folder is /, and there are no symbolic links.
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "refuse.h"

static const char folder[] = "/";

char* getcwd(char* buffer, size_t size)
{
    if (buffer == NULL)
    {
        return strdup(folder);
    }
    if (size < sizeof(folder))
    {
        errno = size == 0 ? EINVAL : ERANGE;
        return NULL;
    }
    return strcpy(buffer, folder);
}

int chdir(const char* path)
{
    return path != NULL && strcmp(path, folder) == 0 ? 0 : REFUSE(EACCES, "the working folder is /");
}

int fchdir(int fd)
{
    (void)fd;
    return REFUSE(EACCES, "the working folder is /");
}

ssize_t readlink(const char* restrict path, char* restrict buffer, size_t size)
{
    struct stat status;
    (void)buffer;
    (void)size;
    if (stat(path, &status) == 0)
    {
        errno = EINVAL;
    }
    return -1;
}

ssize_t readlinkat(int from, const char* restrict path, char* restrict buffer, size_t size)
{
    (void)from;
    return readlink(path, buffer, size);
}
