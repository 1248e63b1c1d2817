// Calls functions as what they are not: that works on the device, and not in WebAssembly.
#include <string.h>

#include <applibs/log.h>

typedef void (*HANDLER)(int event, void* context);

// Takes no context.
static void Handle(int event)
{
    Log_Debug("event %d\n", event);
}

__attribute__((noinline)) static void Dispatch(HANDLER handler)
{
    handler(7, NULL);
}

// Not as measure.c defines it.
void Measure(int channel);

__attribute__((noinline)) static void CallMeasure(void)
{
    Measure(1);
}

// Where nothing was set, there is no function at all.
static HANDLER volatile nothing;

int main(int argc, char* argv[])
{
    const char* part = argc > 1 ? argv[1] : "";
    if (strcmp(part, "pointer") == 0)
    {
        Dispatch((HANDLER)Handle);
    }
    else if (strcmp(part, "declaration") == 0)
    {
        CallMeasure();
    }
    else if (strcmp(part, "null") == 0)
    {
        Dispatch(nothing);
    }
    return 0;
}
