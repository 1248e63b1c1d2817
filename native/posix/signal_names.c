// Writes a signal's name to the standard error output.
#define _GNU_SOURCE
#include <signal.h>
#include <stdio.h>
#include <string.h>

void psignal(int number, const char* text)
{
    int named = text != NULL && text[0] != '\0';
    (void)fprintf(stderr, "%s%s%s\n", named ? text : "", named ? ": " : "", strsignal(number));
}

void psiginfo(const siginfo_t* info, const char* text)
{
    psignal(info->si_signo, text);
}
