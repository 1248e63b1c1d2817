// The signal mask of sigsetjmp (native/include/libc/setjmp.h). It is at the end of the buffer: the compiler uses its begin.
#define _GNU_SOURCE
#include <setjmp.h>
#include <signal.h>
#include <stddef.h>

#include "signals.h"

#define WORDS (sizeof(((struct __jmp_buf_tag*)0)->__ss) / sizeof(unsigned long))
#define SAVED 0x5a7ed // in the last word: the words before it hold a mask
#define BITS (8 * sizeof(unsigned long))

void sphere_app_save_signal_mask(struct __jmp_buf_tag* buffer, int save);
void sphere_app_restore_signal_mask(const struct __jmp_buf_tag* buffer);

// The bit of a signal: in which word, counted from the end.
static unsigned long word_of(int number)
{
    return WORDS - 2 - (unsigned long)(number - 1) / BITS;
}

static unsigned long bit_of(int number)
{
    return 1UL << ((unsigned long)(number - 1) % BITS);
}

void sphere_app_save_signal_mask(struct __jmp_buf_tag* buffer, int save)
{
    sigset_t mask;
    buffer->__ss[WORDS - 1] = save != 0 ? SAVED : 0;
    (void)sigprocmask(SIG_BLOCK, NULL, &mask);
    for (int number = 1; save != 0 && number < _NSIG; number++)
    {
        unsigned long* word = &buffer->__ss[word_of(number)];
        *word = sigismember(&mask, number) ? *word | bit_of(number) : *word & ~bit_of(number);
    }
}

void sphere_app_restore_signal_mask(const struct __jmp_buf_tag* buffer)
{
    sigset_t mask;
    if (buffer->__ss[WORDS - 1] != SAVED)
    {
        return;
    }
    (void)sigemptyset(&mask);
    for (int number = 1; number < _NSIG; number++)
    {
        if ((buffer->__ss[word_of(number)] & bit_of(number)) != 0)
        {
            (void)sigaddset(&mask, number);
        }
    }
    (void)sigprocmask(SIG_SETMASK, &mask, NULL);
}
