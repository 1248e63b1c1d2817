// fanotify(7): newer versions of Emscripten have no such header.
#ifndef SPHERE_IOT_SYS_FANOTIFY_H
#define SPHERE_IOT_SYS_FANOTIFY_H

#if __has_include_next(<sys/fanotify.h>)
#include_next <sys/fanotify.h>
#else

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define FAN_ACCESS 0x01
#define FAN_MODIFY 0x02
#define FAN_CLOSE_WRITE 0x08
#define FAN_CLOSE_NOWRITE 0x10
#define FAN_OPEN 0x20
#define FAN_CLOEXEC 0x01
#define FAN_NONBLOCK 0x02
#define FAN_CLASS_NOTIF 0
#define FAN_MARK_ADD 0x01
#define FAN_MARK_REMOVE 0x02
#define FAN_MARK_MOUNT 0x10

int fanotify_init(unsigned flags, unsigned event_flags);
int fanotify_mark(int fd, unsigned flags, unsigned long long mask, int folder, const char* path);

#ifdef __cplusplus
}
#endif

#endif
#endif
