// What no other app of the tests calls, of that what public apps do. The argument is the part.
#define _GNU_SOURCE // usleep and others are not in POSIX, which is what apps are compiled for
#include "../check.h"

int failures = 0;

void Library(void);
void Messages(void);
void Timers(void);

static const struct
{
    const char* name;
    void (*run)(void);
} parts[] = {{"library", Library}, {"messages", Messages}, {"timers", Timers}};

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
