// Signals to threads, of which there is one.
#include <errno.h>
#include <pthread.h>
#include <signal.h>

int pthread_kill(pthread_t thread, int number)
{
    if (thread != pthread_self())
    {
        return ESRCH;
    }
    return number == 0 || raise(number) == 0 ? 0 : EINVAL;
}
