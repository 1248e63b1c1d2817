// An app that never does anything: what is waited for does not come.
#include <applibs/log.h>
#include <unistd.h>

int main(void)
{
    Log_Debug("waits for ever\n");
    for (;;)
    {
        sleep(1000);
    }
}
