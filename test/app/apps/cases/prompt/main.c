// Writes to its log without the end of a line.
#include <time.h>

#include <applibs/log.h>

static void Wait(time_t seconds)
{
    struct timespec time = {.tv_sec = seconds};
    nanosleep(&time, NULL);
}

int main(void)
{
    Log_Debug("several calls, ");
    Log_Debug("one line\n");
    Log_Debug("Enter value: ");
    Wait(5);
    Log_Debug("4");
    Log_Debug("2\n");
    for (int i = 0; i < 3; i++)
    {
        Log_Debug(".");
        Wait(1);
    }
    Log_Debug(" done");
    return 0;
}
