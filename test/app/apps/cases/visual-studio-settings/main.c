#include <applibs/gpio.h>
#include <hw/kit.h>

_Static_assert(API_SET == 3, "AzureSphereTargetApiSet");

int main(void)
{
    return GPIO_OpenAsInput(KIT_LED) >= 0 && KIT_LED == 10 ? 0 : 1;
}
