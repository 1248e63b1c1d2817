#include <signal.h>
#include <stdbool.h>
#include <time.h>
#include <unistd.h>

#include "../check.h"

static volatile sig_atomic_t alarms = 0;
static volatile int lastValue = 0;
static volatile int calls = 0;
static timer_t own;

static void OnAlarm(int number, siginfo_t* info, void* context)
{
    (void)context;
    CHECK(number == SIGALRM && info->si_code == SI_TIMER);
    lastValue = info->si_value.sival_int;
    alarms++;
}

static void OnTime(union sigval value)
{
    lastValue = value.sival_int;
    calls++;
}

static void EndItself(union sigval value)
{
    (void)value;
    CHECK(timer_delete(own) == 0);
    calls++;
}

static struct itimerspec Every(long milliseconds, long period)
{
    return (struct itimerspec){.it_value = {milliseconds / 1000, milliseconds % 1000 * 1000000},
                               .it_interval = {period / 1000, period % 1000 * 1000000}};
}

static timer_t Create(int notify, void (*function)(union sigval))
{
    timer_t timer = 0;
    struct sigevent event;
    memset(&event, 0, sizeof(event));
    event.sigev_notify = notify;
    event.sigev_signo = notify == SIGEV_SIGNAL ? SIGALRM : 0;
    event.sigev_value.sival_int = 42;
    event.sigev_notify_function = function;
    CHECK(timer_create(CLOCK_MONOTONIC, &event, &timer) == 0);
    return timer;
}

static void Signal(void)
{
    const struct timespec second = {.tv_sec = 1};
    struct sigaction action;
    memset(&action, 0, sizeof(action));
    action.sa_sigaction = OnAlarm;
    action.sa_flags = SA_SIGINFO;
    CHECK(sigaction(SIGALRM, &action, NULL) == 0);
    timer_t timer = Create(SIGEV_SIGNAL, NULL);
    struct itimerspec value = Every(300, 0);
    struct itimerspec left;
    CHECK(timer_settime(timer, 0, &value, NULL) == 0);
    CHECK(timer_gettime(timer, &left) == 0 && left.it_value.tv_sec == 0 && left.it_value.tv_nsec > 200 * 1000000);
    CHECK_ERROR(nanosleep(&second, NULL), EINTR);
    CHECK(alarms == 1 && lastValue == 42);
    CHECK(nanosleep(&second, NULL) == 0 && alarms == 1); // once
    CHECK(timer_delete(timer) == 0);
    CHECK_ERROR(timer_delete(timer), EINVAL);
}

// A function is called, and interrupts nothing.
static void Function(void)
{
    const struct timespec almostSecond = {.tv_nsec = 950 * 1000000};
    timer_t timer = Create(SIGEV_THREAD, OnTime);
    struct itimerspec value = Every(100, 200);
    struct itimerspec none = Every(0, 0);
    struct itimerspec before;
    lastValue = 0;
    CHECK(timer_settime(timer, 0, &value, NULL) == 0);
    CHECK(nanosleep(&almostSecond, NULL) == 0);
    CHECK(calls == 5 && lastValue == 42 && timer_getoverrun(timer) == 0); // 100, 300, 500, 700, 900
    CHECK(timer_settime(timer, 0, &none, &before) == 0 && before.it_interval.tv_nsec == 200 * 1000000);
    CHECK(nanosleep(&almostSecond, NULL) == 0 && calls == 5);
    CHECK(timer_delete(timer) == 0);
}

static void Itself(void)
{
    struct itimerspec value = Every(100, 100);
    own = Create(SIGEV_THREAD, EndItself);
    calls = 0;
    CHECK(timer_settime(own, 0, &value, NULL) == 0);
    CHECK(sleep(1) == 0 && calls == 1);
}

static void Absolute(void)
{
    struct timespec now;
    timer_t timer;
    CHECK(timer_create(CLOCK_REALTIME, NULL, &timer) == 0); // SIGALRM
    clock_gettime(CLOCK_REALTIME, &now);
    struct itimerspec value = {.it_value = {now.tv_sec + 2, now.tv_nsec}, .it_interval = {0, 0}};
    alarms = 0;
    CHECK(timer_settime(timer, TIMER_ABSTIME, &value, NULL) == 0);
    CHECK(sleep(5) == 3 && alarms == 1);
    CHECK(timer_delete(timer) == 0);
}

void Timers(void)
{
    struct sigevent event;
    struct itimerspec value = {.it_value = {.tv_nsec = 1000000000}, .it_interval = {0, 0}};
    timer_t timer;
    memset(&event, 0, sizeof(event));
    event.sigev_notify = SIGEV_THREAD; // without a function
    CHECK_ERROR(timer_create(CLOCK_MONOTONIC, &event, &timer), EINVAL);
    CHECK_ERROR(timer_create(77, NULL, &timer), EINVAL);
    Signal();
    Function();
    Itself();
    Absolute();
    timer = Create(SIGEV_NONE, NULL);
    CHECK_ERROR(timer_settime(timer, 0, &value, NULL), EINVAL);
    CHECK(timer_delete(timer) == 0);
}
