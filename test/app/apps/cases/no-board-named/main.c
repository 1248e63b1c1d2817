// The board is that of --hardware-definitions.
#include <applibs/gpio.h>
#include <hw/board.h>

int main(void)
{
    return GPIO_OpenAsInput(BOARD_LED) >= 0 ? 0 : 1;
}
