// Reading and writing at a place of a file, which leave its own position as it is. What has none says ESPIPE.
#include <errno.h>
#include <stdbool.h>
#include <sys/uio.h>
#include <unistd.h>

typedef ssize_t TRANSFER(int fd, const struct iovec* vectors, int count);

static ssize_t at(int fd, const struct iovec* vectors, int count, off_t offset, TRANSFER* transfer)
{
    off_t kept = lseek(fd, 0, SEEK_CUR);
    ssize_t result;
    int error;
    if (kept < 0)
    {
        return -1;
    }
    if (offset < 0 || lseek(fd, offset, SEEK_SET) < 0)
    {
        errno = EINVAL;
        return -1;
    }
    result = transfer(fd, vectors, count);
    error = errno;
    (void)lseek(fd, kept, SEEK_SET);
    errno = error;
    return result;
}

ssize_t preadv(int fd, const struct iovec* vectors, int count, off_t offset)
{
    return at(fd, vectors, count, offset, readv);
}

ssize_t pwritev(int fd, const struct iovec* vectors, int count, off_t offset)
{
    return at(fd, vectors, count, offset, writev);
}

static ssize_t read_one(int fd, const struct iovec* vectors, int count)
{
    (void)count;
    return read(fd, vectors->iov_base, vectors->iov_len);
}

static ssize_t write_one(int fd, const struct iovec* vectors, int count)
{
    (void)count;
    return write(fd, vectors->iov_base, vectors->iov_len);
}

ssize_t pread(int fd, void* buffer, size_t size, off_t offset)
{
    const struct iovec vector = {.iov_base = buffer, .iov_len = size};
    return at(fd, &vector, 1, offset, read_one);
}

ssize_t pwrite(int fd, const void* bytes, size_t size, off_t offset)
{
    const struct iovec vector = {.iov_base = (void*)bytes, .iov_len = size};
    return at(fd, &vector, 1, offset, write_one);
}
