// signalfd(2): newer versions of Emscripten have no such header.
#ifndef SPHERE_IOT_SYS_SIGNALFD_H
#define SPHERE_IOT_SYS_SIGNALFD_H

#if __has_include_next(<sys/signalfd.h>)
#include_next <sys/signalfd.h>
#else

#include <fcntl.h>
#include <signal.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define SFD_CLOEXEC O_CLOEXEC
#define SFD_NONBLOCK O_NONBLOCK

struct signalfd_siginfo
{
    uint32_t ssi_signo;
    int32_t ssi_errno;
    int32_t ssi_code;
    uint32_t ssi_pid;
    uint32_t ssi_uid;
    int32_t ssi_fd;
    uint32_t ssi_tid;
    uint32_t ssi_band;
    uint32_t ssi_overrun;
    uint32_t ssi_trapno;
    int32_t ssi_status;
    int32_t ssi_int;
    uint64_t ssi_ptr;
    uint64_t ssi_utime;
    uint64_t ssi_stime;
    uint64_t ssi_addr;
    uint8_t reserved[48];
};

int signalfd(int fd, const sigset_t* mask, int flags);

#ifdef __cplusplus
}
#endif

#endif
#endif
