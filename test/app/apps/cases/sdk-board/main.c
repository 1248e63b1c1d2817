// A board of the SDK: its names in C, and those of the manifest.
#include <applibs/gpio.h>
#include <applibs/spi.h>
#include <hw/avnet_mt3620_sk.h>
#include <soc/mt3620_gpios.h>
#include <soc/mt3620_spis.h>

int main(void)
{
    SPIMaster_Config config;
    SPIMaster_InitConfig(&config);
    return GPIO_OpenAsOutput(AVNET_MT3620_SK_USER_LED_RED, GPIO_OutputMode_PushPull, GPIO_Value_High) >= 0 &&
                   GPIO_OpenAsInput(MT3620_GPIO0) < 0 && SPIMaster_Open(AVNET_MT3620_SK_ISU1_SPI, MT3620_SPI_CS_A, &config) >= 0
               ? 0
               : 1;
}
