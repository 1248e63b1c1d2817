#include <applibs/gpio.h>
#include <hw/desk.h>

_Static_assert(LEVEL == 4, "cmake.configureArgs");

int main(void)
{
    return GPIO_OpenAsInput(DESK_LED) >= 0 && DESK_LED == 11 ? 0 : 1;
}
