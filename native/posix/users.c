// There are no files of users and groups: nobody is found, which is no error.
#define _GNU_SOURCE
#include <grp.h>
#include <pwd.h>
#include <stddef.h>

struct passwd* getpwnam(const char* name)
{
    (void)name;
    return NULL;
}

struct passwd* getpwuid(uid_t user)
{
    (void)user;
    return NULL;
}

int getpwnam_r(const char* name, struct passwd* entry, char* buffer, size_t size, struct passwd** result)
{
    (void)name;
    (void)entry;
    (void)buffer;
    (void)size;
    *result = NULL;
    return 0;
}

int getpwuid_r(uid_t user, struct passwd* entry, char* buffer, size_t size, struct passwd** result)
{
    (void)user;
    return getpwnam_r(NULL, entry, buffer, size, result);
}

void setpwent(void) {}

void endpwent(void) {}

struct passwd* getpwent(void)
{
    return NULL;
}

struct group* getgrnam(const char* name)
{
    (void)name;
    return NULL;
}

struct group* getgrgid(gid_t group)
{
    (void)group;
    return NULL;
}

int getgrnam_r(const char* name, struct group* entry, char* buffer, size_t size, struct group** result)
{
    (void)name;
    (void)entry;
    (void)buffer;
    (void)size;
    *result = NULL;
    return 0;
}

int getgrgid_r(gid_t group, struct group* entry, char* buffer, size_t size, struct group** result)
{
    (void)group;
    return getgrnam_r(NULL, entry, buffer, size, result);
}

void setgrent(void) {}

void endgrent(void) {}

struct group* getgrent(void)
{
    return NULL;
}
