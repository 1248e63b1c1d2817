// The files that an app can open by their path.
#include "files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "device_files.h"
#include "errno_numbers.h"
#include "fail.h"
#include "fd_table.h"
#include "file_status.h"
#include "folders.h"
#include "host.h"
#include "host_error.h"

typedef struct STORED_FILE_TAG
{
    OPEN_FILE file;
    int number;
    off_t offset;
    int access; // O_RDONLY, O_WRONLY or O_RDWR
    bool append;
    bool mutable;
    unsigned path_number;
} STORED_FILE;

static ssize_t stored_read(OPEN_FILE* file, void* buffer, size_t size)
{
    STORED_FILE* stored = (STORED_FILE*)file;
    int count;
    if (stored->access == O_WRONLY)
    {
        errno = EBADF;
        return -1;
    }
    count = host_result(host_file_read(stored->number, (int)stored->offset, buffer, size));
    stored->offset += count > 0 ? count : 0;
    return count;
}

static ssize_t stored_write(OPEN_FILE* file, const void* bytes, size_t size)
{
    STORED_FILE* stored = (STORED_FILE*)file;
    int count;
    if (stored->access == O_RDONLY)
    {
        errno = EBADF;
        return -1;
    }
    if (stored->append)
    {
        stored->offset = host_file_size(stored->number);
    }
    count = host_result(host_file_write(stored->number, (int)stored->offset, bytes, size));
    stored->offset += count > 0 ? count : 0;
    return count;
}

static off_t stored_seek(OPEN_FILE* file, off_t offset, int whence)
{
    STORED_FILE* stored = (STORED_FILE*)file;
    off_t base = whence == SEEK_SET ? 0 : whence == SEEK_CUR ? stored->offset : host_file_size(stored->number);
    if ((whence != SEEK_SET && whence != SEEK_CUR && whence != SEEK_END) || offset < -base || offset > INT32_MAX - base)
    {
        errno = EINVAL;
        return -1;
    }
    stored->offset = base + offset;
    return stored->offset;
}

static void stored_status(OPEN_FILE* file, struct stat* status)
{
    const STORED_FILE* stored = (STORED_FILE*)file;
    file_status(stored->mutable ? HOST_PATH_MUTABLE_FILE : HOST_PATH_FILE, host_file_size(stored->number), stored->path_number,
                status);
}

static void stored_close(OPEN_FILE* file)
{
    host_file_close(((STORED_FILE*)file)->number);
    free(file);
}

static const FILE_OPERATIONS stored_operations = {
    .read = stored_read, .write = stored_write, .seek = stored_seek, .status = stored_status, .close = stored_close};

// Opens a file at the host, empty where `flags` have it so; its number there, or -1 with errno.
static int open_at_host(const char* path, int mode, int flags)
{
    int number = host_result(host_file_open(path, mode));
    // An app that takes the file for empty would write over the beginning of what it has.
    if (number >= 0 && (flags & O_TRUNC) != 0 && mode != HOST_FILE_READ && host_result(host_file_truncate(number, 0)) < 0)
    {
        host_file_close(number);
        return -1;
    }
    return number;
}

int file_open(const char* path, int mode, int flags)
{
    HOST_PATH found;
    int kind = host_path_kind(path, &found);
    int number;
    STORED_FILE* stored;
    if (kind == HOST_PATH_FOLDER)
    {
        errno = EISDIR;
        return mode == HOST_FILE_READ ? folder_open(path, found.number) : -1;
    }
    if (kind >= 0 && ((flags & O_DIRECTORY) != 0 || (flags & (O_CREAT | O_EXCL)) == (O_CREAT | O_EXCL)))
    {
        errno = (flags & O_DIRECTORY) != 0 ? ENOTDIR : EEXIST;
        return -1;
    }
    stored = calloc(1, sizeof(STORED_FILE));
    if (stored == NULL)
    {
        errno = ENOMEM;
        return -1;
    }
    number = open_at_host(path, mode, flags);
    if (number < 0)
    {
        int error = errno;
        free(stored);
        return fail(error);
    }
    stored->number = number;
    stored->access = flags & O_ACCMODE;
    stored->append = (flags & O_APPEND) != 0;
    stored->path_number = found.number;
    stored->mutable = kind != HOST_PATH_FILE;
    return fd_open(&stored->file, &stored_operations, false);
}

int open(const char* path, int flags, ...)
{
    int mode = (flags & O_ACCMODE) == O_RDONLY ? HOST_FILE_READ : HOST_FILE_WRITE;
    int device;
    if (path == NULL)
    {
        errno = EFAULT;
        return -1;
    }
    device = device_file_open(path);
    if (device != NOT_A_DEVICE_FILE)
    {
        return device;
    }
    return file_open(path, (flags & O_CREAT) != 0 ? HOST_FILE_CREATE : mode, flags);
}

// What fopen asks of the system, with emcc 3.1.6 and with newer ones.
long __syscall_open(const char* path, long flags, ...)
{
    int fd = open(path, (int)flags);
    return fd < 0 ? -errno_wasi_of(errno) : fd;
}

int __syscall_openat(int folder, intptr_t path, int flags, ...)
{
    char whole[PATH_SIZE];
    int fd = path_at(folder, (const char*)path, whole) < 0 ? -1 : open(whole, flags);
    return fd < 0 ? -errno_wasi_of(errno) : fd;
}

int ftruncate(int fd, off_t size)
{
    STORED_FILE* stored = (STORED_FILE*)fd_find_kind(fd, &stored_operations);
    if (stored != NULL && (size < 0 || size > INT32_MAX || stored->access == O_RDONLY))
    {
        errno = size > INT32_MAX ? EFBIG : EINVAL;
        return -1;
    }
    return stored == NULL ? -1 : host_result(host_file_truncate(stored->number, (int)size));
}

int unlink(const char* path)
{
    return host_result(host_file_delete(path));
}
