// Calendar time. Emscripten's C library would ask JavaScript for it. The time zone is that of the environment variable TZ, as
// far as it is a fixed distance ("CET-1"); without it UTC, as on a device.
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

long timezone = 0; // seconds west of UTC
int daylight = 0;
static char zone_name[8] = "UTC";
char* tzname[2] = {zone_name, zone_name};

#define SECONDS_PER_DAY 86400

// Days since 1970-01-01 of the first of a month, in the Gregorian calendar; months from 0, beyond 11 too.
static long long days_before(long long year, int month)
{
    year += month / 12 - (month % 12 < 0 ? 1 : 0);
    month = (month % 12 + 12) % 12;
    // Years that begin in March have their leap day last.
    long long y = month < 2 ? year - 1 : year;
    int m = (month + 10) % 12;
    long long era = (y >= 0 ? y : y - 399) / 400;
    long long of_era = y - era * 400;
    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + (153 * m + 2) / 5 - 719468;
}

static long long seconds_of(const struct tm* tm)
{
    long long days = days_before(tm->tm_year + 1900LL, tm->tm_mon) + tm->tm_mday - 1;
    return days * SECONDS_PER_DAY + tm->tm_hour * 3600LL + tm->tm_min * 60LL + tm->tm_sec;
}

static void fill(long long seconds, struct tm* tm)
{
    long long days = seconds / SECONDS_PER_DAY - (seconds % SECONDS_PER_DAY < 0 ? 1 : 0);
    int rest = (int)(seconds - days * SECONDS_PER_DAY);
    long long year = 1970 + days / 366;
    int month = 0;
    (void)memset(tm, 0, sizeof(*tm));
    while (days_before(year + 1, 0) <= days)
    {
        year++;
    }
    while (days_before(year, 0) > days)
    {
        year--;
    }
    while (month < 11 && days_before(year, month + 1) <= days)
    {
        month++;
    }
    tm->tm_year = (int)(year - 1900);
    tm->tm_mon = month;
    tm->tm_mday = (int)(days - days_before(year, month)) + 1;
    tm->tm_yday = (int)(days - days_before(year, 0));
    tm->tm_wday = (int)(((days + 4) % 7 + 7) % 7);
    tm->tm_hour = rest / 3600;
    tm->tm_min = rest / 60 % 60;
    tm->tm_sec = rest % 60;
}

void tzset(void)
{
    const char* zone = getenv("TZ");
    size_t letters = zone == NULL ? 0 : strcspn(zone, "+-0123456789,:");
    timezone = 0;
    (void)strcpy(zone_name, "UTC");
    if (letters >= 3 && letters < sizeof(zone_name))
    {
        char* rest;
        double hours = (double)strtol(zone + letters, &rest, 10);
        double minutes = *rest == ':' ? (double)strtol(rest + 1, NULL, 10) : 0;
        timezone = (long)(hours * 3600 + copysign(minutes, hours) * 60);
        (void)memcpy(zone_name, zone, letters);
        zone_name[letters] = '\0';
    }
}

struct tm* __gmtime_r(const time_t* restrict time, struct tm* restrict tm)
{
    fill(*time, tm);
    tm->__tm_zone = "GMT";
    return tm;
}

struct tm* __localtime_r(const time_t* restrict time, struct tm* restrict tm)
{
    tzset();
    fill((long long)*time - timezone, tm);
    tm->__tm_gmtoff = -timezone;
    tm->__tm_zone = zone_name;
    return tm;
}

struct tm* gmtime_r(const time_t* restrict time, struct tm* restrict tm)
{
    return __gmtime_r(time, tm);
}

struct tm* localtime_r(const time_t* restrict time, struct tm* restrict tm)
{
    return __localtime_r(time, tm);
}

// As the standard says, the fields are put in order.
time_t timegm(struct tm* tm)
{
    time_t time = (time_t)seconds_of(tm);
    (void)__gmtime_r(&time, tm);
    return time;
}

time_t mktime(struct tm* tm)
{
    time_t time;
    tzset();
    time = (time_t)(seconds_of(tm) + timezone);
    (void)__localtime_r(&time, tm);
    return time;
}
