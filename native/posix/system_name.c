// What the device's operating system says of itself.
#define _GNU_SOURCE
#include <errno.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "refuse.h"

static const struct utsname name = {.sysname = "Linux",
                                    .nodename = "azuresphere",
                                    .release = "5.10.0",
                                    .version = "#1",
                                    .machine = "armv7l",
                                    .domainname = "(none)"};

int uname(struct utsname* result)
{
    if (result == NULL)
    {
        errno = EFAULT;
        return -1;
    }
    *result = name;
    return 0;
}

int getdomainname(char* buffer, size_t size)
{
    if (buffer == NULL || size <= strlen(name.domainname))
    {
        errno = EINVAL;
        return -1;
    }
    (void)strcpy(buffer, name.domainname);
    return 0;
}

int setdomainname(const char* domain, size_t size)
{
    (void)domain;
    (void)size;
    return REFUSE(EPERM, "an app cannot name the device");
}
