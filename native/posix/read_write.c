// read, write and lseek, on all that has a descriptor.
#include <errno.h>
#include <math.h>
#include <unistd.h>

#include "fd_table.h"
#include "host.h"

// Whether an operation that has failed is worth another try, after a wait for it.
static bool is_worth_another(const OPEN_FILE* file)
{
    return !file->operations->waits && fd_wait(file, INFINITY) == 0;
}

ssize_t read(int fd, void* buffer, size_t size)
{
    OPEN_FILE* file = fd_find(fd);
    ssize_t count;
    host_app_system_call();
    if (file == NULL)
    {
        return -1;
    }
    if (file->operations->read == NULL)
    {
        errno = EINVAL;
        return -1;
    }
    do
    {
        count = file->operations->read(file, buffer, fd_transfer(size));
    } while (count < 0 && is_worth_another(file));
    return count;
}

ssize_t write(int fd, const void* buffer, size_t size)
{
    OPEN_FILE* file = fd_find(fd);
    ssize_t count;
    host_app_system_call();
    if (file == NULL)
    {
        return -1;
    }
    if (file->operations->write == NULL)
    {
        errno = EINVAL;
        return -1;
    }
    do
    {
        count = file->operations->write(file, buffer, fd_transfer(size));
    } while (count < 0 && is_worth_another(file));
    return count;
}

off_t lseek(int fd, off_t offset, int whence)
{
    OPEN_FILE* file = fd_find(fd);
    if (file == NULL)
    {
        return -1;
    }
    if (file->operations->seek == NULL)
    {
        errno = ESPIPE;
        return -1;
    }
    return file->operations->seek(file, offset, whence);
}
