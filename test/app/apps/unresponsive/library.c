#include "library.h"

static volatile int ready = 0;

void Measure(void)
{
    while (!ready)
    {
    }
}
