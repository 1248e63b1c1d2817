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

static const PART parts[] = {{"files", Files}, {"jumps", Jumps}, {"memory", Memory}, {"refused", Refused}, {"signals", Signals}, {"system", System}, {"time", Time}};

int main(int argc, char* argv[])
{
    return RUN_PART(parts, argc == 2 ? argv[1] : "");
}
