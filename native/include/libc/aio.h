// aio(7): newer versions of Emscripten have no such header.
#ifndef SPHERE_IOT_AIO_H
#define SPHERE_IOT_AIO_H

#if __has_include_next(<aio.h>)
#include_next <aio.h>
#else

#include <signal.h>
#include <sys/types.h>
#include <time.h>

#ifdef __cplusplus
extern "C" {
#endif

#define AIO_CANCELED 0
#define AIO_NOTCANCELED 1
#define AIO_ALLDONE 2
#define LIO_READ 0
#define LIO_WRITE 1
#define LIO_NOP 2
#define LIO_WAIT 0
#define LIO_NOWAIT 1

struct aiocb
{
    int aio_fildes;
    int aio_lio_opcode;
    int aio_reqprio;
    volatile void* aio_buf;
    size_t aio_nbytes;
    struct sigevent aio_sigevent;
    off_t aio_offset;
};

int aio_cancel(int fd, struct aiocb* request);
int aio_error(const struct aiocb* request);
int aio_fsync(int operation, struct aiocb* request);
int aio_read(struct aiocb* request);
ssize_t aio_return(struct aiocb* request);
int aio_suspend(const struct aiocb* const requests[], int count, const struct timespec* timeout);
int aio_write(struct aiocb* request);
int lio_listio(int mode, struct aiocb* const requests[], int count, struct sigevent* event);

#ifdef __cplusplus
}
#endif

#endif
#endif
