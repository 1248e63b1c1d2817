// Clocks, and calendar time.
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/times.h>
#include <threads.h>
#include <time.h>
#include <unistd.h>

#include "../check.h"

static double Now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1000 + (double)now.tv_nsec / 1000000;
}

static void Parse(void)
{
    struct tm tm;
    char* rest;
    memset(&tm, 0, sizeof(tm));
    rest = strptime("Sun, 02 Aug 2026 13:05:09 GMT;", "%a, %d %b %Y %H:%M:%S %Z", &tm);
    CHECK(rest != NULL && *rest == ';' && tm.tm_year == 126 && tm.tm_mon == 7 && tm.tm_mday == 2 && tm.tm_hour == 13 && tm.tm_wday == 0);
    CHECK(strptime("2026-08-02T01:02:03+02:30", "%FT%T%z", &tm) != NULL && tm.tm_hour == 1 && tm.tm_sec == 3 && tm.tm_gmtoff == 9000);
    CHECK(strptime("12:30 am 01/02/03", "%I:%M %p %D", &tm) != NULL && tm.tm_hour == 0 && tm.tm_year == 103 && tm.tm_mon == 0);
    CHECK(strptime("february 1969", "%B %C%y", &tm) != NULL && tm.tm_year == 69 && tm.tm_mon == 1);
    CHECK(strptime("25:00", "%R", &tm) == NULL && strptime("x", "%d", &tm) == NULL && strptime("1", "%Q", &tm) == NULL);
    CHECK(strptime("100%", "%j%%", &tm) != NULL && tm.tm_yday == 99 && strptime("86400", "%s", &tm) != NULL && tm.tm_mday == 2);
}

void Time(void)
{
    struct timespec now;
    struct timespec then;
    struct rusage usage;
    struct tms ticks;
    struct tm tm = {.tm_year = 126, .tm_mon = 6, .tm_mday = 32, .tm_hour = 25};
    clockid_t id;
    char text[64];
    double start;
    clock_t before;
    CHECK(timespec_get(&now, TIME_UTC) == TIME_UTC && clock_gettime(CLOCK_REALTIME, &then) == 0 && now.tv_sec == then.tv_sec);
    CHECK(timespec_get(&now, 77) == 0);
    Parse();
    before = clock();
    start = Now();
    usleep(2500000);
    CHECK(clock() - before == 2500000 && times(&ticks) >= 250 && ticks.tms_stime == 0);
    CHECK(getrusage(RUSAGE_SELF, &usage) == 0 && usage.ru_utime.tv_sec >= 2 && usage.ru_maxrss > 0);
    CHECK_ERROR(getrusage(99, &usage), EINVAL);
    CHECK(clock_getres(CLOCK_MONOTONIC, &now) == 0 && now.tv_sec == 0 && now.tv_nsec == 1);
    CHECK_ERROR(clock_getres(99, &now), EINVAL);
    CHECK(clock_getcpuclockid(0, &id) == 0 && clock_gettime(id, &now) == 0 && clock_getcpuclockid(4711, &id) == ESRCH);
    clock_gettime(CLOCK_REALTIME, &now);
    now.tv_sec += 3;
    start = Now();
    CHECK(clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, &now, NULL) == 0 && Now() - start == 3000);
    CHECK(clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, &now, NULL) == 0 && clock_nanosleep(CLOCK_MONOTONIC, 0, &(struct timespec){0, -1}, NULL) == EINVAL);
    CHECK(thrd_sleep(&(struct timespec){1, 0}, NULL) == 0 && Now() - start == 4000);
    CHECK(mktime(&tm) != -1 && strftime(text, sizeof(text), "%F %T %a %j", &tm) > 0 && strcmp(text, "2026-08-02 01:00:00 Sun 214") == 0);
    CHECK(setenv("TZ", "EST5", 1) == 0 && localtime(&(time_t){0})->tm_hour == 19 && unsetenv("TZ") == 0);
}
