// What calendar time has beside calendar.c.
#define _GNU_SOURCE
#include <errno.h>
#include <stddef.h>
#include <sys/time.h>
#include <time.h>

#include "refuse.h"

int getdate_err = 0;

int stime(const time_t* time)
{
    const struct timeval now = {.tv_sec = *time};
    return settimeofday(&now, NULL);
}

struct tm* getdate(const char* text)
{
    (void)text;
    (void)REFUSE(ENOENT, "there is no file of templates (DATEMSK); there is strptime");
    getdate_err = 1; // the templates are not there
    return NULL;
}
