// What the C library's FILE streams ask of the system.
#include <errno.h>
#include <unistd.h>
#include <wasi/api.h>

#include "errno_numbers.h"

__wasi_errno_t __wasi_fd_write(__wasi_fd_t fd, const __wasi_ciovec_t* vectors, size_t count, __wasi_size_t* written)
{
    *written = 0;
    for (size_t i = 0; i < count; i++)
    {
        ssize_t result = vectors[i].buf_len == 0 ? 0 : write((int)fd, vectors[i].buf, vectors[i].buf_len);
        if (result < 0)
        {
            return (__wasi_errno_t)errno_wasi_of(errno);
        }
        *written += (__wasi_size_t)result;
    }
    return 0;
}

__wasi_errno_t __wasi_fd_read(__wasi_fd_t fd, const __wasi_iovec_t* vectors, size_t count, __wasi_size_t* got)
{
    *got = 0;
    for (size_t i = 0; i < count; i++)
    {
        ssize_t result = vectors[i].buf_len == 0 ? 0 : read((int)fd, vectors[i].buf, vectors[i].buf_len);
        if (result < 0)
        {
            return (__wasi_errno_t)errno_wasi_of(errno);
        }
        *got += (__wasi_size_t)result;
        if ((size_t)result < vectors[i].buf_len)
        {
            break;
        }
    }
    return 0;
}

__wasi_errno_t __wasi_fd_seek(__wasi_fd_t fd, __wasi_filedelta_t offset, __wasi_whence_t whence, __wasi_filesize_t* position)
{
    off_t result = lseek((int)fd, (off_t)offset, (int)whence);
    *position = (__wasi_filesize_t)result;
    return result < 0 ? (__wasi_errno_t)errno_wasi_of(errno) : 0;
}

__wasi_errno_t __wasi_fd_close(__wasi_fd_t fd)
{
    return close((int)fd) < 0 ? (__wasi_errno_t)errno_wasi_of(errno) : 0;
}
