// applibs/storage.h: the app's mutable file, and the files of its image package (src/app/host/files/index.ts).
#include <applibs/storage.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "files.h"
#include "folders.h"
#include "host.h"
#include "host_error.h"

static void mutable_path(char path[PATH_SIZE])
{
    char id[HOST_GUID_SIZE];
    host_app_component_id(id);
    (void)snprintf(path, PATH_SIZE, "/mnt/config/%s/mutable", id);
}

int Storage_OpenMutableFile(void)
{
    char path[PATH_SIZE];
    mutable_path(path);
    return file_open(path, HOST_FILE_CREATE, O_RDWR);
}

int Storage_DeleteMutableFile(void)
{
    char path[PATH_SIZE];
    mutable_path(path);
    return host_result(host_file_delete(path));
}

char* Storage_GetAbsolutePathInImagePackage(const char* relativePath)
{
    char id[HOST_GUID_SIZE];
    char* path;
    size_t size;
    if (relativePath == NULL || relativePath[0] == '/')
    {
        errno = relativePath == NULL ? EFAULT : EINVAL;
        return NULL;
    }
    host_app_component_id(id);
    size = sizeof("/mnt/apps//") - 1 + HOST_GUID_SIZE + strlen(relativePath);
    path = malloc(size);
    if (path == NULL)
    {
        errno = ENOMEM;
        return NULL;
    }
    (void)snprintf(path, size, "/mnt/apps/%s/%s", id, relativePath);
    return path;
}

int Storage_OpenFileInImagePackage(const char* relativePath)
{
    char* path = Storage_GetAbsolutePathInImagePackage(relativePath);
    int fd = path == NULL ? -1 : file_open(path, HOST_FILE_READ, O_RDONLY);
    int kept = errno;
    free(path);
    errno = kept;
    return fd;
}
