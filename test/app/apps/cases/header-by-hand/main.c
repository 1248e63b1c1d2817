#include <applibs/gpio.h>
#include <hw/product.h>

int main(void)
{
    return GPIO_OpenAsInput(PRODUCT_LED) >= 0 && MODULE_BLINKS_PER_MINUTE == 40 ? 0 : 1;
}
