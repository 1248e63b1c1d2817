#include <applibs/gpio.h>
#include <hw/right.h>

int Left(void);

int main(void)
{
    return GPIO_OpenAsInput(RIGHT_LED) >= 0 && Left() == 21 ? 0 : 1;
}
