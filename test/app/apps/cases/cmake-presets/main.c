#include <applibs/gpio.h>
#include <hw/shelf.h>

_Static_assert(LEVEL == 1 && COLOUR == 5 && SHADE == 6, "of several presets that are inherited, the first wins");

int main(void)
{
    return GPIO_OpenAsInput(SHELF_LED) >= 0 && SHELF_LED == 12 ? 0 : 1;
}
