// timerfd_create(2): newer versions of Emscripten have no such header.
#ifndef _SYS_TIMERFD_H
#define _SYS_TIMERFD_H

#include <fcntl.h>
#include <time.h>

#ifdef __cplusplus
extern "C" {
#endif

#define TFD_NONBLOCK O_NONBLOCK
#define TFD_CLOEXEC O_CLOEXEC
#define TFD_TIMER_ABSTIME 1
#define TFD_TIMER_CANCEL_ON_SET (1 << 1)

struct itimerspec;

int timerfd_create(int clock, int flags);
int timerfd_settime(int fd, int flags, const struct itimerspec* value, struct itimerspec* old);
int timerfd_gettime(int fd, struct itimerspec* current);

#ifdef __cplusplus
}
#endif

#endif
