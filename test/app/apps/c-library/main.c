// What apps find of the C library, against what POSIX and Linux say of it. The argument is the part.
#include "../check.h"

int failures = 0;

void Files(void);
void Jumps(void);
void Memory(void);
void Refused(void);
void Signals(void);
void System(void);
void Time(void);

static const struct
{
    const char* name;
    void (*run)(void);
} parts[] = {{"files", Files}, {"jumps", Jumps}, {"memory", Memory}, {"refused", Refused}, {"signals", Signals}, {"system", System}, {"time", Time}};

int main(int argc, char* argv[])
{
    for (size_t i = 0; argc == 2 && i < sizeof(parts) / sizeof(parts[0]); i++)
    {
        if (strcmp(argv[1], parts[i].name) == 0)
        {
            parts[i].run();
            Log_Debug("done\n");
            return failures;
        }
    }
    return 99;
}
