// syslog: its messages go to the app's log, as there is no other.
#define _GNU_SOURCE
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <syslog.h>

#include "app_log.h"

#define MAX_MESSAGE 1024

static char name[32];
static int mask = 0xff;

void openlog(const char* ident, int options, int facility)
{
    (void)options;
    (void)facility;
    (void)snprintf(name, sizeof(name), "%s", ident == NULL ? "" : ident);
}

void closelog(void)
{
    name[0] = '\0';
}

int setlogmask(int wanted)
{
    int old = mask;
    mask = wanted != 0 ? wanted : mask;
    return old;
}

// `format` is printf's, which knows %m here.
void vsyslog(int priority, const char* format, va_list arguments)
{
    char text[MAX_MESSAGE];
    if ((mask & LOG_MASK(LOG_PRI(priority))) != 0 && vsnprintf(text, sizeof(text), format, arguments) >= 0)
    {
        (void)app_log_printf("%s%s%s%s", name, name[0] == '\0' ? "" : ": ", text, strchr(text, '\n') == NULL ? "\n" : "");
    }
}

void syslog(int priority, const char* format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsyslog(priority, format, arguments);
    va_end(arguments);
}
