// Numbers of network interfaces. The names of the device's are those of src/app/device-settings.ts.
#include <errno.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>

static const char* const names[] = {"lo", "eth0", "wlan0"};
#define COUNT (sizeof(names) / sizeof(names[0]))

// From 1; 0 with ENODEV.
unsigned if_nametoindex(const char* name)
{
    for (unsigned i = 0; i < COUNT; i++)
    {
        if (strcmp(names[i], name) == 0)
        {
            return i + 1;
        }
    }
    errno = ENODEV;
    return 0;
}

char* if_indextoname(unsigned index, char* name)
{
    if (index < 1 || index > COUNT)
    {
        errno = ENXIO;
        return NULL;
    }
    return strcpy(name, names[index - 1]);
}

struct if_nameindex* if_nameindex(void)
{
    struct if_nameindex* list = calloc(COUNT + 1, sizeof(*list));
    for (unsigned i = 0; list != NULL && i < COUNT; i++)
    {
        list[i] = (struct if_nameindex){.if_index = i + 1, .if_name = (char*)names[i]};
    }
    if (list == NULL)
    {
        errno = ENOBUFS;
    }
    return list;
}

void if_freenameindex(struct if_nameindex* list)
{
    free(list);
}
