// Signals. They come while the app waits; their handlers run when it goes on.
#define _GNU_SOURCE
#include "signals.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "host.h"

_Static_assert(HOST_SIGNAL_HUP == SIGHUP && HOST_SIGNAL_INT == SIGINT && HOST_SIGNAL_KILL == SIGKILL &&
                   HOST_SIGNAL_USR1 == SIGUSR1 && HOST_SIGNAL_USR2 == SIGUSR2 && HOST_SIGNAL_TERM == SIGTERM,
               "the host's signals are those of the C library");

static struct sigaction actions[_NSIG]; // all zero: SIG_DFL
static sigset_t blocked;
// Signals that were sent while they were blocked; one of a number.
static sigset_t pending;
static struct
{
    int code;
    union sigval value;
} senders[_NSIG];

static bool is_ignored_by_default(int number)
{
    return number == SIGCHLD || number == SIGURG || number == SIGWINCH || number == SIGCONT;
}

static bool is_ignored(int number)
{
    return actions[number].sa_handler == SIG_IGN || (actions[number].sa_handler == SIG_DFL && is_ignored_by_default(number));
}

static siginfo_t information(int number, int code, union sigval value)
{
    siginfo_t info;
    (void)memset(&info, 0, sizeof(info));
    info.si_signo = number;
    info.si_code = code;
    info.si_value = value;
    info.si_pid = code == SI_TIMER ? 0 : getpid();
    return info;
}

// Runs a handler, with the signals blocked that its action names.
static void run(int number, int code, union sigval value)
{
    const struct sigaction action = actions[number];
    const sigset_t kept = blocked;
    (void)sigorset(&blocked, &blocked, &action.sa_mask);
    if ((action.sa_flags & SA_NODEFER) == 0)
    {
        (void)sigaddset(&blocked, number);
    }
    if (((unsigned)action.sa_flags & (unsigned)SA_RESETHAND) != 0)
    {
        actions[number].sa_handler = SIG_DFL;
    }
    if ((action.sa_flags & SA_SIGINFO) != 0)
    {
        siginfo_t info = information(number, code, value);
        action.sa_sigaction(number, &info, NULL);
    }
    else
    {
        action.sa_handler(number);
    }
    blocked = kept;
}

// Whether a handler ran.
static bool deliver(int number, int code, union sigval value)
{
    if (is_ignored(number))
    {
        return false;
    }
    if (actions[number].sa_handler == SIG_DFL)
    {
        _Exit(ENDED_BY_SIGNAL + number);
    }
    run(number, code, value);
    return true;
}

int signals_deliver_pending(void)
{
    int ran = 0;
    for (int number = 1; number < _NSIG; number++)
    {
        if (sigismember(&pending, number) && !sigismember(&blocked, number))
        {
            (void)sigdelset(&pending, number);
            ran += deliver(number, senders[number].code, senders[number].value) ? 1 : 0;
            number = 0; // a handler may have sent one
        }
    }
    return ran;
}

bool signals_send(int number, int code, union sigval value)
{
    (void)sigaddset(&pending, number);
    senders[number].code = code;
    senders[number].value = value;
    return signals_deliver_pending() > 0;
}

static bool is_signal(int number)
{
    if (number > 0 && number < _NSIG)
    {
        return true;
    }
    errno = EINVAL;
    return false;
}

int signals_receive(void)
{
    int ran = 0;
    for (int number = host_app_next_signal(); number != 0; number = host_app_next_signal())
    {
        ran += is_signal(number) && signals_send(number, SI_USER, (union sigval){0}) ? 1 : 0;
    }
    return ran;
}

sigset_t signals_block(const sigset_t* mask)
{
    const sigset_t old = blocked;
    blocked = *mask;
    (void)sigdelset(&blocked, SIGKILL);
    (void)sigdelset(&blocked, SIGSTOP);
    return old;
}

bool signals_take(const sigset_t* set, siginfo_t* info)
{
    for (int number = 1; number < _NSIG; number++)
    {
        if (sigismember(&pending, number) && sigismember(set, number))
        {
            (void)sigdelset(&pending, number);
            *info = information(number, senders[number].code, senders[number].value);
            return true;
        }
    }
    return false;
}

sigset_t signals_pending(void)
{
    return pending;
}

int pthread_sigmask(int how, const sigset_t* restrict set, sigset_t* restrict old)
{
    sigset_t mask = blocked;
    if (old != NULL)
    {
        *old = blocked;
    }
    if (set == NULL)
    {
        return 0;
    }
    switch (how)
    {
        case SIG_SETMASK:
            mask = *set;
            break;
        case SIG_BLOCK:
            (void)sigorset(&mask, &mask, set);
            break;
        case SIG_UNBLOCK:
            for (int number = 1; number < _NSIG; number++)
            {
                (void)(sigismember(set, number) && sigdelset(&mask, number));
            }
            break;
        default:
            return EINVAL;
    }
    (void)signals_block(&mask);
    (void)signals_deliver_pending();
    return 0;
}

int sigprocmask(int how, const sigset_t* restrict set, sigset_t* restrict old)
{
    int error = pthread_sigmask(how, set, old);
    errno = error != 0 ? error : errno;
    return error != 0 ? -1 : 0;
}

int sigaction(int number, const struct sigaction* restrict action, struct sigaction* restrict old)
{
    if (!is_signal(number) || (action != NULL && (number == SIGKILL || number == SIGSTOP)))
    {
        errno = EINVAL;
        return -1;
    }
    if (old != NULL)
    {
        *old = actions[number];
    }
    if (action != NULL)
    {
        actions[number] = *action;
    }
    return 0;
}

void (*signal(int number, void (*handler)(int)))(int)
{
    struct sigaction old;
    struct sigaction action;
    (void)memset(&action, 0, sizeof(action));
    action.sa_handler = handler;
    action.sa_flags = SA_RESTART;
    return sigaction(number, &action, &old) == 0 ? old.sa_handler : SIG_ERR;
}

// Names that other systems have for signal.
void (*bsd_signal(int number, void (*handler)(int)))(int)
{
    return signal(number, handler);
}

void (*__sysv_signal(int number, void (*handler)(int)))(int)
{
    return signal(number, handler);
}

int raise(int number)
{
    if (!is_signal(number))
    {
        return -1;
    }
    (void)signals_send(number, SI_TKILL, (union sigval){0});
    return 0;
}

// Whether a process is the app's, or a group that it is in.
static bool is_own(pid_t process)
{
    errno = ESRCH;
    return process == 0 || process == -1 || process == getpid() || process == -getpid();
}

int kill(pid_t process, int number)
{
    if ((number != 0 && !is_signal(number)) || !is_own(process))
    {
        return -1;
    }
    if (number != 0)
    {
        (void)signals_send(number, SI_USER, (union sigval){0});
    }
    return 0;
}

int killpg(pid_t group, int number)
{
    return kill(group == 0 ? 0 : -group, number);
}

int sigqueue(pid_t process, int number, const union sigval value)
{
    if (process != getpid())
    {
        errno = ESRCH;
        return -1;
    }
    if (!is_signal(number))
    {
        return -1;
    }
    (void)signals_send(number, SI_QUEUE, value);
    return 0;
}
