#define _GNU_SOURCE // timegm
#include <applibs/rtc.h>
#include <stdlib.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "../check.h"

#define YEAR_2030 1893456000

static time_t Difference(time_t a)
{
    time_t now = time(NULL);
    return now > a ? now - a : a - now;
}

// Sets the time, and waits for it.
void SetTime(void)
{
    struct timespec now;
    const struct timespec wanted = {.tv_sec = YEAR_2030, .tv_nsec = 5000000};
    const struct itimerspec alarm = {.it_value = {.tv_sec = YEAR_2030 + 60}};
    const struct timeval wantedToo = {.tv_sec = YEAR_2030 - 60, .tv_usec = 1000};
    uint64_t expired = 0;
    int timer = timerfd_create(CLOCK_REALTIME, 0);
    CHECK(time(NULL) < YEAR_2030);
    CHECK_ERROR(clock_settime(CLOCK_MONOTONIC, &wanted), EINVAL);
    CHECK_ERROR(clock_settime(CLOCK_REALTIME, NULL), EFAULT);
    CHECK_ERROR(clock_settime(CLOCK_REALTIME, &(const struct timespec){.tv_nsec = 1000000000}), EINVAL);
    CHECK(clock_settime(CLOCK_REALTIME, &wanted) == 0);
    CHECK(clock_gettime(CLOCK_REALTIME, &now) == 0 && now.tv_sec == YEAR_2030 && now.tv_nsec >= 5000000);
    CHECK(timerfd_settime(timer, TFD_TIMER_ABSTIME, &alarm, NULL) == 0 && read(timer, &expired, 8) == 8);
    CHECK(expired == 1 && Difference(YEAR_2030 + 60) == 0);
    CHECK(clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, &(const struct timespec){.tv_sec = YEAR_2030 + 90}, NULL) == 0);
    CHECK(Difference(YEAR_2030 + 90) == 0);
    CHECK(clock_gettime(CLOCK_MONOTONIC, &now) == 0 && now.tv_sec < YEAR_2030);
    CHECK(settimeofday(&wantedToo, NULL) == 0 && Difference(YEAR_2030 - 60) == 0);
    CHECK(clock_systohc() == 0);
    CHECK(clock_settime(CLOCK_REALTIME, &(const struct timespec){.tv_sec = 1}) == 0 && Difference(1) == 0);
}

// What the device starts with.
void TellTime(void)
{
    Log_Debug("time %ld\n", (long)time(NULL));
}

// Without the capability.
void TimeRefused(void)
{
    const struct timespec wanted = {.tv_sec = YEAR_2030};
    CHECK_ERROR(clock_settime(CLOCK_REALTIME, &wanted), EPERM);
    CHECK_ERROR(clock_systohc(), EACCES);
    CHECK(time(NULL) < YEAR_2030);
}
