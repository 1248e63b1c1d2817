#include <hw/left.h>

int Left(void);
int Left(void)
{
    return LEFT_LED;
}
