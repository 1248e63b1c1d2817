// There are no terminals.
#define _GNU_SOURCE
#include <errno.h>
#include <stdlib.h>
#include <termios.h>

#include "refuse.h"

#define NO_TERMINAL REFUSE(ENOTTY, "there is no terminal; a UART is set up by UART_Open")

int tcgetattr(int fd, struct termios* settings)
{
    (void)fd;
    (void)settings;
    return NO_TERMINAL;
}

int tcsetattr(int fd, int when, const struct termios* settings)
{
    (void)fd;
    (void)when;
    (void)settings;
    return NO_TERMINAL;
}

int tcdrain(int fd)
{
    (void)fd;
    return NO_TERMINAL;
}

int tcflush(int fd, int queue)
{
    (void)fd;
    (void)queue;
    return NO_TERMINAL;
}

int tcflow(int fd, int action)
{
    (void)fd;
    (void)action;
    return NO_TERMINAL;
}

int tcsendbreak(int fd, int duration)
{
    (void)fd;
    (void)duration;
    return NO_TERMINAL;
}

pid_t tcgetsid(int fd)
{
    (void)fd;
    return NO_TERMINAL;
}

int tcgetwinsize(int fd, struct winsize* size)
{
    (void)fd;
    (void)size;
    return NO_TERMINAL;
}

int tcsetwinsize(int fd, const struct winsize* size)
{
    (void)fd;
    (void)size;
    return NO_TERMINAL;
}

char* ptsname(int fd)
{
    (void)fd;
    (void)NO_TERMINAL;
    return NULL;
}

int ptsname_r(int fd, char* name, size_t size)
{
    (void)fd;
    (void)name;
    (void)size;
    (void)NO_TERMINAL;
    return ENOTTY;
}

int posix_openpt(int flags)
{
    (void)flags;
    return NO_TERMINAL;
}

int grantpt(int fd)
{
    (void)fd;
    return NO_TERMINAL;
}

int unlockpt(int fd)
{
    (void)fd;
    return NO_TERMINAL;
}
