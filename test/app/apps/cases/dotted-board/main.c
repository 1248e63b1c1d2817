#include <applibs/gpio.h>
#include <hw/board.rev2.1.h>

int main(void)
{
    return GPIO_OpenAsInput(DOTTED_LED) >= 0 ? 0 : 1;
}
