// The user and group of the app: a user of its own, without a name, without rights.
#define _GNU_SOURCE
#include <errno.h>
#include <grp.h>
#include <unistd.h>

#include "refuse.h"

#define USER 1001

#define NO_RIGHTS REFUSE(EPERM, "an app cannot change its user and groups")

uid_t getuid(void)
{
    return USER;
}

uid_t geteuid(void)
{
    return USER;
}

gid_t getgid(void)
{
    return USER;
}

gid_t getegid(void)
{
    return USER;
}

int getresuid(uid_t* real, uid_t* effective, uid_t* saved)
{
    *real = *effective = *saved = USER;
    return 0;
}

int getresgid(gid_t* real, gid_t* effective, gid_t* saved)
{
    *real = *effective = *saved = USER;
    return 0;
}

int getgroups(int count, gid_t groups[])
{
    (void)count;
    (void)groups;
    return 0;
}

int setgroups(size_t count, const gid_t groups[])
{
    (void)count;
    (void)groups;
    return NO_RIGHTS;
}

int setuid(uid_t user)
{
    (void)user;
    return NO_RIGHTS;
}

int seteuid(uid_t user)
{
    (void)user;
    return NO_RIGHTS;
}

int setreuid(uid_t real, uid_t effective)
{
    (void)real;
    (void)effective;
    return NO_RIGHTS;
}

int setresuid(uid_t real, uid_t effective, uid_t saved)
{
    (void)real;
    (void)effective;
    (void)saved;
    return NO_RIGHTS;
}

int setgid(gid_t group)
{
    (void)group;
    return NO_RIGHTS;
}

int setegid(gid_t group)
{
    (void)group;
    return NO_RIGHTS;
}

int setregid(gid_t real, gid_t effective)
{
    (void)real;
    (void)effective;
    return NO_RIGHTS;
}

int setresgid(gid_t real, gid_t effective, gid_t saved)
{
    (void)real;
    (void)effective;
    (void)saved;
    return NO_RIGHTS;
}

int chroot(const char* path)
{
    (void)path;
    return REFUSE(EPERM, "an app has no rights for it");
}

int acct(const char* path)
{
    (void)path;
    return REFUSE(EPERM, "an app has no rights for it");
}
