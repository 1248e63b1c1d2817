// Signals. They come while the app waits; their handlers run when it goes on.
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "host.h"
#include "timer.h"
#include "wait.h"

// The status of a process that a signal ended, as a shell gives it.
#define ENDED_BY_SIGNAL 128

static struct sigaction actions[_NSIG]; // all zero: SIG_DFL
// Signals that the app sent to itself.
static unsigned char raised[_NSIG];

static bool is_ignored_by_default(int number)
{
    return number == SIGCHLD || number == SIGURG || number == SIGWINCH || number == SIGCONT;
}

// Whether a handler ran. `code` and `value` are the siginfo_t's.
static bool deliver(int number, int code, union sigval value)
{
    struct sigaction action = actions[number];
    if (action.sa_handler == SIG_IGN || (action.sa_handler == SIG_DFL && is_ignored_by_default(number)))
    {
        return false;
    }
    if (action.sa_handler == SIG_DFL)
    {
        _Exit(ENDED_BY_SIGNAL + number);
    }
    if ((action.sa_flags & SA_RESETHAND) != 0)
    {
        actions[number].sa_handler = SIG_DFL;
    }
    if ((action.sa_flags & SA_SIGINFO) != 0)
    {
        siginfo_t info;
        (void)memset(&info, 0, sizeof(info));
        info.si_signo = number;
        info.si_code = code;
        info.si_value = value;
        action.sa_sigaction(number, &info, NULL);
    }
    else
    {
        action.sa_handler(number);
    }
    return true;
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

int app_deliver_signals(void)
{
    int ran = 0;
    for (int number = host_app_next_signal(); number != 0; number = host_app_next_signal())
    {
        ran += is_signal(number) && deliver(number, SI_USER, (union sigval){0}) ? 1 : 0;
    }
    return ran + app_expire_timers();
}

bool app_signal_of_timer(int number, union sigval value)
{
    return deliver(number, SI_TIMER, value);
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

int raise(int number)
{
    if (!is_signal(number))
    {
        return -1;
    }
    if (raised[number] == 0)
    {
        raised[number] = 1; // a signal is masked while its handler runs
        (void)deliver(number, SI_USER, (union sigval){0});
        raised[number] = 0;
    }
    return 0;
}

int kill(pid_t process, int number)
{
    if (process != getpid())
    {
        errno = ESRCH;
        return -1;
    }
    return raise(number);
}
