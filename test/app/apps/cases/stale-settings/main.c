#include <applibs/gpio.h>
#include <hw/mt3620_rdb.h>

int main(void)
{
    return GPIO_OpenAsInput(MT3620_RDB_LED1_RED) >= 0 ? 0 : 1;
}
