// quotactl(2): newer versions of Emscripten have no such header.
#ifndef SPHERE_IOT_SYS_QUOTA_H
#define SPHERE_IOT_SYS_QUOTA_H

#if __has_include_next(<sys/quota.h>)
#include_next <sys/quota.h>
#else

#ifdef __cplusplus
extern "C" {
#endif

#define Q_SYNC 0x800001
#define Q_QUOTAON 0x800002
#define Q_QUOTAOFF 0x800003
#define Q_GETFMT 0x800004
#define Q_GETINFO 0x800005
#define Q_SETINFO 0x800006
#define Q_GETQUOTA 0x800007
#define Q_SETQUOTA 0x800008
#define USRQUOTA 0
#define GRPQUOTA 1
#define QCMD(command, type) (((command) << 8) | ((type)&0x00ff))

int quotactl(int command, const char* special, int id, char* address);

#ifdef __cplusplus
}
#endif

#endif
#endif
