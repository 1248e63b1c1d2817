#define _GNU_SOURCE
#include "folders.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "errno_numbers.h"
#include "fd_table.h"
#include "file_status.h"
#include "host.h"

typedef struct FOLDER_TAG
{
    OPEN_FILE file;
    unsigned number;
    int next; // entry, by its number; . and .. come first
    char path[PATH_SIZE];
} FOLDER;

static off_t folder_seek(OPEN_FILE* file, off_t offset, int whence)
{
    FOLDER* folder = (FOLDER*)file;
    off_t next = whence == SEEK_CUR ? folder->next + offset : offset;
    if (whence == SEEK_END || next < 0 || next > INT_MAX)
    {
        errno = EINVAL;
        return -1;
    }
    folder->next = (int)next;
    return next;
}

static void folder_status(OPEN_FILE* file, struct stat* status)
{
    file_status(HOST_PATH_FOLDER, 0, ((FOLDER*)file)->number, status);
}

static void folder_close(OPEN_FILE* file)
{
    free(file);
}

static const FILE_OPERATIONS folder_operations = {.seek = folder_seek, .status = folder_status, .close = folder_close};

int folder_open(const char* path, unsigned number)
{
    FOLDER* folder;
    if (strlen(path) >= PATH_SIZE)
    {
        errno = ENAMETOOLONG;
        return -1;
    }
    folder = calloc(1, sizeof(*folder));
    if (folder == NULL)
    {
        errno = ENOMEM;
        return -1;
    }
    (void)strcpy(folder->path, path);
    folder->number = number;
    return fd_open(&folder->file, &folder_operations, false);
}

int path_at(int folder, const char* path, char result[PATH_SIZE])
{
    const FOLDER* from = NULL;
    int length;
    if (path == NULL)
    {
        errno = EFAULT;
        return -1;
    }
    if (folder != AT_FDCWD && path[0] != '/')
    {
        from = (FOLDER*)fd_find(folder);
        if (from == NULL || from->file.operations != &folder_operations)
        {
            errno = from == NULL ? EBADF : ENOTDIR;
            return -1;
        }
    }
    length = from == NULL ? snprintf(result, PATH_SIZE, "%s", path) : snprintf(result, PATH_SIZE, "%s/%s", from->path, path);
    if (length >= PATH_SIZE)
    {
        errno = ENAMETOOLONG;
        return -1;
    }
    return 0;
}

static int entry(const FOLDER* folder, struct dirent* result)
{
    int kind = HOST_PATH_FOLDER;
    if (folder->next < 2)
    {
        (void)strcpy(result->d_name, folder->next == 0 ? "." : "..");
    }
    else
    {
        kind = host_folder_entry(folder->path, folder->next - 2, result->d_name, sizeof(result->d_name));
    }
    result->d_type = kind == HOST_PATH_FOLDER ? DT_DIR : DT_REG;
    return kind;
}

// What readdir asks of the system: the C library's DIR holds what this gives. The bytes that were filled, or the negative errno,
// as the C library numbers it.
int __syscall_getdents64(int fd, struct dirent* entries, size_t size)
{
    FOLDER* folder = (FOLDER*)fd_find_kind(fd, &folder_operations);
    size_t count = 0;
    if (folder == NULL)
    {
        return fd_find(fd) == NULL ? -errno_wasi_of(EBADF) : -errno_wasi_of(ENOTDIR);
    }
    for (; (count + 1) * sizeof(*entries) <= size; count++)
    {
        struct dirent* result = &entries[count];
        (void)memset(result, 0, sizeof(*result));
        if (entry(folder, result) < 0)
        {
            break;
        }
        result->d_ino = (ino_t)(folder->next + 1);
        result->d_reclen = sizeof(*result);
        result->d_off = ++folder->next;
    }
    return (int)(count * sizeof(*entries));
}
