// The process, its user, its environment and its operating system.
#include <err.h>
#include <grp.h>
#include <locale.h>
#include <net/if.h>
#include <pwd.h>
#include <sched.h>
#include <semaphore.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/auxv.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>
#include <netinet/in.h>

#include "../check.h"

// Messages of errors, with all that locales need linked.
static void Locales(void)
{
    locale_t other = newlocale(LC_ALL_MASK, "C.UTF-8", NULL);
    CHECK(setlocale(LC_ALL, "") != NULL && strcmp(strerror(ENOENT), "No such file or directory") == 0);
    CHECK(setlocale(LC_ALL, "C") != NULL && strcmp(strerror(EAGAIN), "Resource temporarily unavailable") == 0);
    CHECK(other != NULL && strcmp(strerror_l(ENOENT, other), strerror(ENOENT)) == 0);
    freelocale(other);
}

static void Identity(void)
{
    char name[64];
    struct utsname system;
    uid_t users[3];
    CHECK(getuid() == geteuid() && getuid() != 0 && getgid() == getegid() && getresuid(&users[0], &users[1], &users[2]) == 0 && users[2] == getuid());
    CHECK(getgroups(0, NULL) == 0 && getpwuid(getuid()) == NULL && getgrnam("root") == NULL);
    CHECK(getpid() > 1 && getppid() == 1 && getpgrp() == getpid() && getsid(0) == getpid() && getpgid(getpid()) == getpid());
    CHECK_ERROR(getpgid(4711), ESRCH);
    CHECK_ERROR(setsid(), EPERM);
    CHECK(getauxval(AT_PAGESZ) == (unsigned long)getpagesize() && getauxval(AT_UID) == getuid());
    errno = 0;
    CHECK(getauxval(AT_HWCAP) == 0 && errno == ENOENT);
    CHECK(uname(&system) == 0 && strcmp(system.sysname, "Linux") == 0 && strcmp(system.machine, "armv7l") == 0);
    CHECK(gethostname(name, sizeof(name)) == 0 && strcmp(name, system.nodename) == 0);
    CHECK(sysconf(_SC_PAGESIZE) > 0 && sysconf(_SC_CLK_TCK) == 100 && sysconf(_SC_NPROCESSORS_ONLN) == 1);
    CHECK(if_nametoindex("wlan0") > 0 && strcmp(if_indextoname(if_nametoindex("wlan0"), name), "wlan0") == 0);
    CHECK(if_nametoindex("eth7") == 0 && errno == ENODEV);
}

static void Environment(void)
{
    struct rlimit limit;
    int status;
    CHECK(getenv("NAME") == NULL && setenv("NAME", "a", 1) == 0 && setenv("NAME", "b", 0) == 0 && strcmp(getenv("NAME"), "a") == 0);
    CHECK(strcmp(secure_getenv("NAME"), "a") == 0 && putenv("OTHER=1") == 0 && clearenv() == 0 && getenv("OTHER") == NULL);
    CHECK(getrlimit(RLIMIT_NOFILE, &limit) == 0 && getdtablesize() == 256 && limit.rlim_cur == 256 && setrlimit(RLIMIT_NOFILE, &limit) == 0);
    CHECK(umask(077) == 022 && umask(022) == 077);
    CHECK_ERROR(wait(&status), ECHILD);
    CHECK_ERROR(waitpid(-1, &status, WNOHANG), ECHILD);
    CHECK(system(NULL) == 0);
}

static void Scheduling(void)
{
    cpu_set_t set;
    sem_t semaphore;
    CHECK(sched_yield() == 0 && sched_get_priority_max(SCHED_FIFO) == 99 && sched_get_priority_min(SCHED_OTHER) == 0);
    CHECK_ERROR(sched_get_priority_max(77), EINVAL);
    CHECK(sched_getaffinity(0, sizeof(set), &set) == 0 && CPU_COUNT(&set) == 1 && sched_getcpu() == 0);
    CPU_ZERO(&set);
    CHECK_ERROR(sched_setaffinity(0, sizeof(set), &set), EINVAL);
    CHECK(sem_init(&semaphore, 0, 1) == 0 && sem_trywait(&semaphore) == 0 && sem_destroy(&semaphore) == 0);
}

static void Messages(void)
{
    char text[4] = "";
    struct iovec vectors[2] = {{"ab", 2}, {"cd", 2}};
    struct iovec room = {text, sizeof(text)};
    struct mmsghdr sent = {.msg_hdr = {.msg_iov = vectors, .msg_iovlen = 2}};
    struct mmsghdr received[2] = {{.msg_hdr = {.msg_iov = &room, .msg_iovlen = 1}}, {.msg_hdr = {.msg_iov = &room, .msg_iovlen = 1}}};
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(5000), .sin_addr = {htonl(INADDR_LOOPBACK)}};
    int on = 1;
    volatile size_t everything = SIZE_MAX;
    int fd = socket(AF_INET, SOCK_DGRAM, 0);
    CHECK(bind(fd, (struct sockaddr*)&address, sizeof(address)) == 0 && connect(fd, (struct sockaddr*)&address, sizeof(address)) == 0);
    CHECK(sendmmsg(fd, &sent, 1, 0) == 1 && sent.msg_len == 4);
    CHECK(recvmmsg(fd, received, 2, MSG_WAITFORONE, NULL) == 1 && received[0].msg_len == 4 && memcmp(text, "abcd", 4) == 0);
    CHECK(send(fd, "efgh", 4, 0) == 4 && recv(fd, text, everything, 0) == 4 && memcmp(text, "efgh", 4) == 0);
    CHECK(ioctl(fd, FIONBIO, &on) == 0);
    CHECK_ERROR(recv(fd, text, 1, 0), EAGAIN);
    close(fd);
    CHECK_ERROR(ioctl(fd, FIONBIO, &on), EBADF);
}

static void SystemCalls(void)
{
    char bytes[16] = "";
    struct timespec time;
    unsigned cpu = 9;
    CHECK(SYS_gettid == 224 && syscall(SYS_gettid) == getpid() && syscall(SYS_getpid) == getpid() && syscall(__NR_getuid) == (long)getuid());
    CHECK(syscall(SYS_getrandom, bytes, sizeof(bytes), 0) == sizeof(bytes));
    CHECK(syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &time) == 0 && time.tv_nsec >= 0);
    CHECK_ERROR(syscall(SYS_lseek, 77, 0, SEEK_SET), EBADF);
    CHECK(syscall(SYS_getcpu, &cpu, NULL, NULL) == 0 && cpu == 0 && syscall(SYS_sched_yield) == 0);
    CHECK_ERROR(syscall(SYS_close, 77), EBADF);
    CHECK_ERROR(syscall(SYS_tgkill, getpid(), 4711, SIGTERM), ESRCH);
    CHECK_ERROR(syscall(SYS_perf_event_open, NULL, 0, -1, -1), ENOSYS);
    CHECK_ERROR(syscall(SYS_perf_event_open, NULL, 0, -1, -1), ENOSYS);
    CHECK_ERROR(syscall(-1), ENOSYS);
}

static void OnExit(void)
{
    Log_Debug("atexit\n");
}

void System(void)
{
    Locales();
    Identity();
    Environment();
    Scheduling();
    Messages();
    SystemCalls();
    openlog("sensor", LOG_PID, LOG_USER);
    syslog(LOG_WARNING, "%d degrees", 40);
    setlogmask(LOG_UPTO(LOG_ERR));
    syslog(LOG_INFO, "not shown");
    closelog();
    errno = ENOENT;
    warn("no %s", "file");
    CHECK(atexit(OnExit) == 0 && at_quick_exit(OnExit) == 0);
}
