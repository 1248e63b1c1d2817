// C11's second way to end.
#include <stdlib.h>

#define MAX_FUNCTIONS 32 // as many as C asks for

static void (*functions[MAX_FUNCTIONS])(void);
static int count = 0;

int at_quick_exit(void (*function)(void))
{
    if (count == MAX_FUNCTIONS)
    {
        return -1;
    }
    functions[count++] = function;
    return 0;
}

_Noreturn void quick_exit(int code)
{
    while (count > 0)
    {
        functions[--count]();
    }
    _Exit(code);
}
