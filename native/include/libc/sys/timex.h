// adjtimex(2): newer versions of Emscripten have no such header.
#ifndef SPHERE_IOT_SYS_TIMEX_H
#define SPHERE_IOT_SYS_TIMEX_H

#if __has_include_next(<sys/timex.h>)
#include_next <sys/timex.h>
#else

#include <sys/time.h>
#include <time.h>

#ifdef __cplusplus
extern "C" {
#endif

#define ADJ_OFFSET 0x0001
#define ADJ_FREQUENCY 0x0002
#define ADJ_MAXERROR 0x0004
#define ADJ_ESTERROR 0x0008
#define ADJ_STATUS 0x0010
#define ADJ_TIMECONST 0x0020
#define ADJ_SETOFFSET 0x0100
#define ADJ_TICK 0x4000
#define TIME_OK 0
#define TIME_INS 1
#define TIME_DEL 2
#define TIME_OOP 3
#define TIME_WAIT 4
#define TIME_ERROR 5

struct timex
{
    unsigned modes;
    long offset, freq, maxerror, esterror;
    int status;
    long constant, precision, tolerance;
    struct timeval time;
    long tick, ppsfreq, jitter;
    int shift;
    long stabil, jitcnt, calcnt, errcnt, stbcnt;
    int tai;
    int reserved[11];
};

int adjtimex(struct timex* adjustment);
int clock_adjtime(clockid_t clock, struct timex* adjustment);

#ifdef __cplusplus
}
#endif

#endif
#endif
