// /dev/null, /dev/zero, /dev/random and /dev/urandom: what is written to them is gone.
#include "device_files.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "fd_table.h"
#include "host.h"

static ssize_t read_nothing(OPEN_FILE* file, void* buffer, size_t size)
{
    (void)file;
    (void)buffer;
    (void)size;
    return 0;
}

static ssize_t read_zeros(OPEN_FILE* file, void* buffer, size_t size)
{
    (void)file;
    (void)memset(buffer, 0, size);
    return (ssize_t)size;
}

static ssize_t read_random(OPEN_FILE* file, void* buffer, size_t size)
{
    (void)file;
    host_random_bytes(buffer, size);
    return (ssize_t)size;
}

static ssize_t write_nowhere(OPEN_FILE* file, const void* bytes, size_t size)
{
    (void)file;
    (void)bytes;
    return (ssize_t)size;
}

static void close_device(OPEN_FILE* file)
{
    free(file);
}

static const FILE_OPERATIONS null_operations = {.read = read_nothing, .write = write_nowhere, .close = close_device};
static const FILE_OPERATIONS zero_operations = {.read = read_zeros, .write = write_nowhere, .close = close_device};
static const FILE_OPERATIONS random_operations = {.read = read_random, .write = write_nowhere, .close = close_device};

static const struct
{
    const char* path;
    const FILE_OPERATIONS* operations;
} device_files[] = {{"/dev/null", &null_operations},
                    {"/dev/zero", &zero_operations},
                    {"/dev/random", &random_operations},
                    {"/dev/urandom", &random_operations}};

int device_file_open(const char* path)
{
    for (size_t i = 0; i < sizeof(device_files) / sizeof(device_files[0]); i++)
    {
        if (strcmp(path, device_files[i].path) == 0)
        {
            OPEN_FILE* file = calloc(1, sizeof(OPEN_FILE));
            if (file == NULL)
            {
                errno = ENOMEM;
                return -1;
            }
            return fd_open(file, device_files[i].operations, false);
        }
    }
    return NOT_A_DEVICE_FILE;
}
