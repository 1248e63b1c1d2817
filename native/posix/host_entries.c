// The variants of gethostbyname, over it: newer versions of Emscripten's C library have none.
#define _GNU_SOURCE
#include <errno.h>
#include <netdb.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>

struct hostent* gethostbyname2(const char* name, int family)
{
    if (family != AF_INET)
    {
        h_errno = NO_ADDRESS; // there is no IPv6
        return NULL;
    }
    return gethostbyname(name);
}

// What an entry of one address takes of the caller's buffer.
typedef struct
{
    char* addresses[2];
    char* aliases[1];
    unsigned char address[4];
    char name[];
} ROOM;

int gethostbyname2_r(const char* name, int family, struct hostent* entry, char* buffer, size_t size, struct hostent** result,
                     int* error)
{
    struct hostent* found = gethostbyname2(name, family);
    size_t unaligned = (uintptr_t)buffer % sizeof(char*);
    size_t skipped = unaligned == 0 ? 0 : sizeof(char*) - unaligned;
    ROOM* room;
    *result = NULL;
    if (found == NULL)
    {
        *error = h_errno;
        return 0;
    }
    if (skipped + sizeof(ROOM) + strlen(found->h_name) + 1 > size)
    {
        return ERANGE;
    }
    room = (ROOM*)(buffer + skipped);
    (void)memcpy(room->address, found->h_addr_list[0], sizeof(room->address));
    (void)strcpy(room->name, found->h_name);
    room->addresses[0] = (char*)room->address;
    room->addresses[1] = NULL;
    room->aliases[0] = NULL;
    *entry = (struct hostent){.h_name = room->name,
                              .h_aliases = room->aliases,
                              .h_addrtype = AF_INET,
                              .h_length = sizeof(room->address),
                              .h_addr_list = room->addresses};
    *result = entry;
    return 0;
}

int gethostbyname_r(const char* name, struct hostent* entry, char* buffer, size_t size, struct hostent** result, int* error)
{
    return gethostbyname2_r(name, AF_INET, entry, buffer, size, result, error);
}
