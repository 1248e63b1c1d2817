#include "part.h"
#include <applibs/gpio.h>
int level;
int part(void) {
    for (volatile int i = 0; i < 10; i++) level++;
    return level - 10 + GPIO_Value_Low;
}
