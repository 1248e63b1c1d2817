// What there is at a path, or behind a descriptor. Files have no times here: they are 0.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fd_table.h"
#include "file_status.h"
#include "folders.h"
#include "host.h"
#include "host_error.h"

#define DESCRIPTOR_MODE (S_IRUSR | S_IWUSR)

int stat(const char* restrict path, struct stat* restrict status)
{
    HOST_PATH found;
    int kind;
    if (path == NULL || status == NULL)
    {
        errno = EFAULT;
        return -1;
    }
    kind = path[0] == '\0' ? HOST_ERROR_NO_ENTRY : host_path_kind(path, &found);
    if (host_result(kind) < 0)
    {
        return -1;
    }
    file_status(kind, found.size, found.number, status);
    return 0;
}

// There are no symbolic links.
int lstat(const char* restrict path, struct stat* restrict status)
{
    return stat(path, status);
}

int fstat(int fd, struct stat* status)
{
    OPEN_FILE* file = fd_find(fd);
    if (file == NULL)
    {
        return -1;
    }
    (void)memset(status, 0, sizeof(*status));
    status->st_nlink = 1;
    status->st_mode = file->operations->socket != NULL ? S_IFSOCK | DESCRIPTOR_MODE : DESCRIPTOR_MODE;
    if (file->operations->status != NULL)
    {
        file->operations->status(file, status);
    }
    return 0;
}

int fstatat(int folder, const char* restrict path, struct stat* restrict status, int flags)
{
    char whole[PATH_SIZE];
    if (path != NULL && path[0] == '\0' && (flags & AT_EMPTY_PATH) != 0)
    {
        return fstat(folder, status);
    }
    return path_at(folder, path, whole) < 0 ? -1 : stat(whole, status);
}

int access(const char* path, int mode)
{
    struct stat status;
    if (stat(path, &status) < 0)
    {
        return -1;
    }
    if ((mode & W_OK) != 0 && (status.st_mode & S_IWUSR) == 0)
    {
        errno = EROFS;
        return -1;
    }
    if ((mode & X_OK) != 0 && (status.st_mode & S_IXUSR) == 0)
    {
        errno = EACCES;
        return -1;
    }
    return 0;
}

int faccessat(int folder, const char* path, int mode, int flags)
{
    char whole[PATH_SIZE];
    (void)flags;
    return path_at(folder, path, whole) < 0 ? -1 : access(whole, mode);
}

int eaccess(const char* path, int mode)
{
    return access(path, mode);
}

int euidaccess(const char* path, int mode)
{
    return access(path, mode);
}
