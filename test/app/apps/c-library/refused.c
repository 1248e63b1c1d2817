// Calls everything that docs/posix.md says is refused: each fails, and a line of the log names it.
#include <dlfcn.h>
#include <fcntl.h>
#include <grp.h>
#include <spawn.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/acct.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>
#include <sys/time.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>
#include <utime.h>

#include "../check.h"

#define FAILS(call) CHECK((call) == -1)
#define IS_NULL(call) CHECK((call) == NULL)

static void Files(void)
{
    struct statvfs vfs;
    struct statfs fs;
    FAILS(mkdir("/a", 0700));
    FAILS(mkdirat(AT_FDCWD, "/a", 0700));
    FAILS(rmdir("/a"));
    FAILS(link("/a", "/b"));
    FAILS(linkat(AT_FDCWD, "/a", AT_FDCWD, "/b", 0));
    FAILS(symlink("/a", "/b"));
    FAILS(symlinkat("/a", AT_FDCWD, "/b"));
    FAILS(rename("/a", "/b"));
    FAILS(renameat(AT_FDCWD, "/a", AT_FDCWD, "/b"));
    FAILS(mknod("/a", S_IFREG, 0));
    FAILS(mknodat(AT_FDCWD, "/a", S_IFREG, 0));
    FAILS(mkfifo("/a", 0600));
    FAILS(mkfifoat(AT_FDCWD, "/a", 0600));
    FAILS(chmod("/", 0700));
    FAILS(fchmod(1, 0700));
    FAILS(fchmodat(AT_FDCWD, "/", 0700, 0));
    FAILS(lchmod("/", 0700));
    FAILS(chown("/", 1, 1));
    FAILS(fchown(1, 1, 1));
    FAILS(lchown("/", 1, 1));
    FAILS(fchownat(AT_FDCWD, "/", 1, 1, 0));
    FAILS(utimensat(AT_FDCWD, "/", NULL, 0));
    FAILS(futimens(1, NULL));
    FAILS(utime("/", NULL));
    FAILS(utimes("/", NULL));
    FAILS(futimesat(AT_FDCWD, "/", NULL));
    CHECK(posix_fallocate(1, 0, 10) == EOPNOTSUPP);
    FAILS(statvfs("/", &vfs));
    FAILS(fstatvfs(1, &vfs));
    FAILS(statfs("/", &fs));
    FAILS(fstatfs(1, &fs));
    FAILS(chdir("/mnt"));
    FAILS(fchdir(1));
    IS_NULL(tmpfile());
    IS_NULL(tmpnam(NULL));
    IS_NULL(tempnam(NULL, NULL));
}

static void Processes(void)
{
    char* const none[] = {NULL};
    pid_t process;
    struct sched_param parameters = {0};
    FAILS(fork());
    FAILS(vfork());
    FAILS(execve("/bin/app", none, none));
    CHECK(posix_spawn(&process, "/bin/app", NULL, NULL, none, none) == ENOSYS);
    CHECK(posix_spawnp(&process, "app", NULL, NULL, none, none) == ENOSYS);
    IS_NULL(popen("ls", "r"));
    FAILS(system("ls"));
    FAILS(daemon(0, 0));
    FAILS(sched_getscheduler(0));
    FAILS(sched_setscheduler(0, SCHED_RR, &parameters));
    FAILS(sched_getparam(0, &parameters));
    FAILS(sched_setparam(0, &parameters));
    FAILS(setpriority(PRIO_PROCESS, 0, 5));
    FAILS(nice(5));
    FAILS(setrlimit(RLIMIT_NOFILE, &(struct rlimit){1, 1}));
    IS_NULL(dlopen("lib.so", RTLD_NOW));
    IS_NULL(dlsym(NULL, "name"));
    CHECK(dlerror() != NULL && dlerror() == NULL && dlclose(NULL) == -1);
}

static void Rights(void)
{
    gid_t group = 0;
    FAILS(setuid(0));
    FAILS(seteuid(0));
    FAILS(setreuid(0, 0));
    FAILS(setresuid(0, 0, 0));
    FAILS(setgid(0));
    FAILS(setegid(0));
    FAILS(setregid(0, 0));
    FAILS(setresgid(0, 0, 0));
    FAILS(setgroups(1, &group));
    FAILS(chroot("/"));
    FAILS(acct(NULL));
    FAILS(setdomainname("a", 1));
}

static void Devices(void)
{
    struct termios settings;
    struct winsize size;
    struct itimerval timer;
    char name[16];
    int fds[2];
    FAILS(ioctl(1, TIOCGWINSZ, &size));
    FAILS(tcgetattr(1, &settings));
    FAILS(tcsetattr(1, TCSANOW, &settings));
    FAILS(tcdrain(1));
    FAILS(tcflush(1, TCIFLUSH));
    FAILS(tcflow(1, TCOON));
    FAILS(tcsendbreak(1, 0));
    FAILS(tcgetsid(1));
    FAILS(tcgetwinsize(1, &size));
    FAILS(tcsetwinsize(1, &size));
    IS_NULL(ptsname(1));
    CHECK(ptsname_r(1, name, sizeof(name)) == ENOTTY);
    FAILS(posix_openpt(0));
    FAILS(grantpt(1));
    FAILS(unlockpt(1));
    FAILS(sockatmark(1));
    FAILS(socketpair(AF_UNIX, SOCK_STREAM, 0, fds));
    FAILS(setitimer(ITIMER_PROF, &(struct itimerval){.it_value = {1, 0}}, NULL));
    FAILS(getitimer(ITIMER_VIRTUAL, &timer));
    IS_NULL(getdate("now"));
    CHECK(mmap(NULL, 1, PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED);
    FAILS(mprotect(NULL, 1, PROT_NONE));
}

void Refused(void)
{
    Files();
    Processes();
    Rights();
    Devices();
    FAILS(mkdir("/again", 0700)); // told once
}
