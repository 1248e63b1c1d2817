// Apps that never come to an end, each in another place. The argument is the place.
#include <csetjmp>
#include <csignal>
#include <cstdlib>
#include <cstring>

#include <unistd.h>

extern "C" {
#include <applibs/gpio.h>
#include <applibs/log.h>

#include "library.h"
}

// Low: the constructor of a global variable never comes to its end.
#define PIN 12

static volatile unsigned rounds = 0;

static inline void Inlined()
{
    while (true)
        ;
}

static bool IsLow()
{
    GPIO_Value_Type value = GPIO_Value_High;
    GPIO_GetValue(GPIO_OpenAsInput(PIN), &value);
    return value == GPIO_Value_Low;
}

struct Global
{
    bool ends = true;
    Global()
    {
        while (IsConstructing())
        {
            rounds++;
        }
    }
    ~Global()
    {
        while (!ends)
        {
            rounds++;
        }
    }
    static bool IsConstructing()
    {
        static const bool low = IsLow();
        return low;
    }
};
static Global global;

static void InAtExit()
{
    Inlined();
}

static void InHandler(int)
{
    for (;;)
    {
        rounds++;
    }
}

static int InComparator(const void*, const void*)
{
    do
    {
        rounds++;
    } while (rounds != 0 || true);
    return 0;
}

static unsigned Twice(unsigned depth)
{
    return depth == 0 ? rounds : Twice(depth - 1) + Twice(depth - 1);
}

static unsigned (*volatile pointer)(unsigned);

static unsigned ByPointer(unsigned depth)
{
    return depth == 0 ? rounds : pointer(depth - 1) + pointer(depth - 1);
}

static void Goto()
{
again:
    rounds++;
    goto again;
}

static jmp_buf buffer;

static void Elsewhere()
{
    if (rounds > 1000000)
    {
        longjmp(buffer, 1);
    }
}

static void SetJmp()
{
    if (setjmp(buffer) == 0)
    {
        Elsewhere();
    }
    while (true)
    {
        rounds++;
    }
}

static void LongJmp()
{
    setjmp(buffer);
    rounds = 2000000;
    Elsewhere();
}

static void JumpOut(int)
{
    longjmp(buffer, 1);
}

static void JumpOutOfLoop()
{
    signal(SIGALRM, JumpOut);
    alarm(1);
    if (setjmp(buffer) == 0)
    {
        while (true)
        {
            rounds++;
        }
    }
}

static void TwiceWithSetJmp()
{
    if (setjmp(buffer) == 0)
    {
        Elsewhere();
        rounds = Twice(60);
    }
}

int main(int argc, char* argv[])
{
    const char* place = argc > 1 ? argv[1] : "";
    int numbers[] = {2, 1};
    Log_Debug("begins\n");
    if (strcmp(place, "main") == 0)
    {
        while (true)
            ;
    }
    if (strcmp(place, "inlined") == 0)
    {
        Inlined();
    }
    if (strcmp(place, "atexit") == 0)
    {
        atexit(InAtExit);
    }
    if (strcmp(place, "destructor") == 0)
    {
        global.ends = false;
    }
    if (strcmp(place, "handler") == 0)
    {
        signal(SIGUSR1, InHandler);
        raise(SIGUSR1);
    }
    if (strcmp(place, "comparator") == 0)
    {
        qsort(numbers, 2, sizeof(int), InComparator);
    }
    if (strcmp(place, "library") == 0)
    {
        Measure();
    }
    if (strcmp(place, "recursion") == 0)
    {
        rounds = Twice(60);
    }
    if (strcmp(place, "pointer") == 0)
    {
        pointer = ByPointer;
        rounds = ByPointer(60);
    }
    if (strcmp(place, "goto") == 0)
    {
        Goto();
    }
    if (strcmp(place, "setjmp") == 0)
    {
        SetJmp();
    }
    if (strcmp(place, "longjmp") == 0)
    {
        LongJmp();
    }
    if (strcmp(place, "jump-out-of-loop") == 0)
    {
        JumpOutOfLoop();
    }
    if (strcmp(place, "recursion-by-setjmp") == 0)
    {
        TwiceWithSetJmp();
    }
    return 0;
}
