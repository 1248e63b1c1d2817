// sendfile(2): from a file to any other descriptor, by way of memory.
#include <errno.h>
#include <stdbool.h>
#include <sys/sendfile.h>

static ssize_t send_piece(int to, int from, off_t* offset, size_t size)
{
    char bytes[1024];
    ssize_t had = pread(from, bytes, size < sizeof(bytes) ? size : sizeof(bytes), *offset);
    ssize_t sent = had > 0 ? write(to, bytes, (size_t)had) : had;
    if (sent > 0)
    {
        *offset += sent;
    }
    return sent;
}

// What was sent counts; an error only if nothing was. With an offset, the file's own position stays as it is.
ssize_t sendfile(int to, int from, off_t* offset, size_t count)
{
    off_t position = offset == NULL ? lseek(from, 0, SEEK_CUR) : *offset;
    size_t sent = 0;
    if (position < 0)
    {
        errno = offset == NULL && errno == EBADF ? EBADF : EINVAL;
        return -1;
    }
    while (sent < count)
    {
        size_t wanted = count - sent;
        ssize_t piece = send_piece(to, from, &position, wanted);
        if (piece < 0 && sent == 0)
        {
            if (errno == ESPIPE)
            {
                errno = EINVAL; // Linux: what is no file cannot be sent
            }
            return -1;
        }
        if (piece <= 0)
        {
            break;
        }
        sent += (size_t)piece;
    }
    if (offset == NULL)
    {
        (void)lseek(from, position, SEEK_SET);
    }
    else
    {
        *offset = position;
    }
    return (ssize_t)sent;
}
