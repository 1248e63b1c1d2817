// What no other app of the tests calls, of that what public apps do. The argument is the part.
#define _GNU_SOURCE // usleep and others are not in POSIX, which is what apps are compiled for
#include "../check.h"

int failures = 0;

void Library(void);
void Messages(void);
void Timers(void);

static const PART parts[] = {{"library", Library}, {"messages", Messages}, {"timers", Timers}};

int main(int argc, char* argv[])
{
    return RUN_PART(parts, argc == 2 ? argv[1] : "");
}
