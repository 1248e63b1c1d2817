// What System V called these operations.
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stddef.h>

static int change(int how, int number)
{
    sigset_t set;
    (void)sigemptyset(&set);
    return sigaddset(&set, number) != 0 ? -1 : sigprocmask(how, &set, NULL);
}

int sighold(int number)
{
    return change(SIG_BLOCK, number);
}

int sigrelse(int number)
{
    return change(SIG_UNBLOCK, number);
}

int sigignore(int number)
{
    return signal(number, SIG_IGN) == SIG_ERR ? -1 : 0;
}

int sigpause(int number)
{
    sigset_t mask;
    (void)sigprocmask(SIG_BLOCK, NULL, &mask);
    return sigdelset(&mask, number) != 0 ? -1 : sigsuspend(&mask);
}

void (*sigset(int number, void (*handler)(int)))(int)
{
    sigset_t mask;
    struct sigaction action = {.sa_handler = handler};
    struct sigaction old;
    int was_blocked;
    (void)sigprocmask(SIG_BLOCK, NULL, &mask);
    was_blocked = sigismember(&mask, number);
    if (sigaction(number, handler == SIG_HOLD ? NULL : &action, &old) != 0 ||
        change(handler == SIG_HOLD ? SIG_BLOCK : SIG_UNBLOCK, number) != 0)
    {
        return SIG_ERR;
    }
    return was_blocked == 1 ? SIG_HOLD : old.sa_handler;
}

int sigisemptyset(const sigset_t* set)
{
    for (int number = 1; number < _NSIG; number++)
    {
        if (sigismember(set, number))
        {
            return 0;
        }
    }
    return 1;
}
