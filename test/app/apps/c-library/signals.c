// Signals that are blocked, waited for, and sent by alarms.
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/select.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "../check.h"

static volatile sig_atomic_t seen = 0;
static volatile sig_atomic_t depth = 0;
static volatile sig_atomic_t deepest = 0;

static void OnSignal(int number)
{
    (void)number;
    seen = seen + 1;
}

static void OnNested(int number)
{
    depth = depth + 1;
    deepest = depth > deepest ? depth : deepest;
    if (seen < 2)
    {
        seen = seen + 1;
        raise(number); // blocked until this returns
        CHECK(depth == 1);
    }
    depth = depth - 1;
}

static double Now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1000 + (double)now.tv_nsec / 1000000;
}

static sigset_t SetOf(int number)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, number);
    return set;
}

static void Masks(void)
{
    sigset_t set = SetOf(SIGUSR1);
    sigset_t old;
    sigset_t pending;
    seen = 0;
    signal(SIGUSR1, OnSignal);
    CHECK(sigprocmask(SIG_BLOCK, &set, &old) == 0 && !sigismember(&old, SIGUSR1));
    CHECK(raise(SIGUSR1) == 0 && kill(getpid(), SIGUSR1) == 0 && seen == 0);
    CHECK(sigpending(&pending) == 0 && sigismember(&pending, SIGUSR1) && !sigismember(&pending, SIGUSR2));
    CHECK(usleep(1000) == 0 && seen == 0); // does not interrupt
    CHECK(sigprocmask(SIG_UNBLOCK, &set, NULL) == 0 && seen == 1);
    CHECK_ERROR(sigprocmask(99, &set, NULL), EINVAL);
    CHECK(pthread_sigmask(99, &set, NULL) == EINVAL);
    sigfillset(&set);
    CHECK(sigprocmask(SIG_SETMASK, &set, &old) == 0 && sigprocmask(SIG_SETMASK, &old, &set) == 0 && !sigismember(&set, SIGKILL));
    seen = 0;
    signal(SIGUSR2, OnNested);
    CHECK(raise(SIGUSR2) == 0 && seen == 2 && deepest == 1);
    CHECK(sighold(SIGUSR1) == 0 && pthread_kill(pthread_self(), SIGUSR1) == 0 && seen == 2 && sigrelse(SIGUSR1) == 0 && seen == 3);
    CHECK(sigset(SIGUSR1, SIG_HOLD) == OnSignal && sigset(SIGUSR1, OnSignal) == SIG_HOLD && sigignore(SIGUSR2) == 0 && raise(SIGUSR2) == 0 && seen == 3);
    sigemptyset(&set);
    CHECK(sigisemptyset(&set) && pthread_kill(pthread_self(), 999) == EINVAL);
    CHECK(kill(getpid(), 0) == 0 && raise(0) == -1);
    CHECK_ERROR(kill(4711, SIGUSR1), ESRCH);
    CHECK_ERROR(kill(getpid(), 999), EINVAL);
}

static void Waits(void)
{
    sigset_t set = SetOf(SIGUSR1);
    sigset_t empty;
    siginfo_t info;
    int number = 0;
    double start = Now();
    sigemptyset(&empty);
    seen = 0;
    signal(SIGUSR1, OnSignal);
    sigprocmask(SIG_BLOCK, &set, NULL);
    CHECK_ERROR(sigtimedwait(&set, &info, &(struct timespec){0, 250000000}), EAGAIN);
    CHECK(Now() - start == 250);
    CHECK_ERROR(sigtimedwait(&set, &info, &(struct timespec){0, 0}), EAGAIN);
    CHECK_ERROR(sigtimedwait(&set, &info, &(struct timespec){0, -1}), EINVAL);
    CHECK(sigqueue(getpid(), SIGUSR1, (union sigval){.sival_int = 5}) == 0);
    CHECK(sigwaitinfo(&set, &info) == SIGUSR1 && info.si_value.sival_int == 5 && info.si_code == SI_QUEUE && seen == 0);
    Ask("send SIGUSR1");
    CHECK(sigwait(&set, &number) == 0 && number == SIGUSR1 && seen == 0);
    Ask("send SIGUSR1");
    CHECK_ERROR(sigsuspend(&empty), EINTR);
    CHECK(seen == 1 && raise(SIGUSR1) == 0 && seen == 1); // blocked again
    CHECK_ERROR(ppoll(NULL, 0, NULL, &empty), EINTR);
    CHECK(seen == 2 && pselect(0, NULL, NULL, NULL, &(struct timespec){1, 0}, NULL) == 0);
    sigprocmask(SIG_SETMASK, &empty, NULL);
    Ask("send SIGUSR1");
    CHECK_ERROR(pause(), EINTR);
    CHECK(seen == 3);
}

static void Alarms(void)
{
    struct itimerval value;
    struct timespec left = {0, 0};
    double start = Now();
    seen = 0;
    signal(SIGALRM, OnSignal);
    CHECK(alarm(5) == 0 && alarm(2) == 5);
    CHECK_ERROR(nanosleep(&(struct timespec){10, 0}, &left), EINTR);
    CHECK(seen == 1 && Now() - start == 2000 && left.tv_sec == 8 && left.tv_nsec == 0);
    CHECK(alarm(3) == 0 && sleep(1) == 0 && alarm(0) == 2 && sleep(5) == 0 && seen == 1);
    CHECK(setitimer(ITIMER_REAL, &(struct itimerval){.it_value = {0, 10000}, .it_interval = {0, 20000}}, NULL) == 0);
    start = Now();
    while (seen < 4)
    {
        pause();
    }
    CHECK(Now() - start == 50 && getitimer(ITIMER_REAL, &value) == 0 && value.it_interval.tv_usec == 20000);
    CHECK(ualarm(0, 0) == 20000 && getitimer(ITIMER_REAL, &value) == 0 && value.it_value.tv_usec == 0);
    CHECK_ERROR(setitimer(ITIMER_REAL, &(struct itimerval){.it_value = {0, 1000000}}, NULL), EINVAL);
}

// As the other apps of the tests: the line is for the test.
void Ask(const char* what)
{
    Log_Debug("ask: %s\n", what);
}

void Signals(void)
{
    Masks();
    Waits();
    Alarms();
}
