// The headers of all boards that SDKs had on the include path, and how apps write them.
#include <mt3620.h>
#include <mt3620_rdb.h>
#include <hw/ailink_wfm620rsc1.h>
#include <hw/avnet_aesms_mt3620.h>
#include <hw/avnet_aesms_mt3620_rev2.h>
#include <hw/avnet_mt3620_sk.h>
#include <hw/avnet_mt3620_sk_rev2.h>
#include "../hw/seeed_mt3620_mdb.h"
#include "hw/usi_mt3620_bt_combo.h"
#include <hw/usi_mt3620_bt_evb.h>

#include <applibs/adc.h>
#include <applibs/gpio.h>
#include <applibs/pwm.h>
#include <applibs/spi.h>
#include <soc/mt3620_adcs.h>
#include <soc/mt3620_gpios.h>
#include <soc/mt3620_i2cs.h>
#include <soc/mt3620_pwms.h>
#include <soc/mt3620_spis.h>
#include <soc/mt3620_uarts.h>

_Static_assert(MT3620_GPIO80 == 80 && MT3620_ISU4_UART == 8 && MT3620_ISU3_I2C == 3 && MT3620_ISU1_SPI == 1, "chip");
_Static_assert(MT3620_SPI_CS_A == -1 && MT3620_SPI_CS_B == -2, "chip selects");
_Static_assert(MT3620_ADC_CHANNEL7 == 7 && MT3620_ADC_CONTROLLER0 == 0, "ADC");
_Static_assert(MT3620_PWM_CHANNEL3 == 3 && MT3620_PWM_CONTROLLER2 == 2, "PWM");
_Static_assert(MT3620_RDB_LED1_RED == 8 && MT3620_RDB_BUTTON_A == 12, "RDB");
_Static_assert(SEEED_MT3620_MDB_USER_LED == 7, "MDB");
_Static_assert(AVNET_MT3620_SK_USER_LED_RED == 8 && AVNET_AESMS_PIN5_GPIO0 == 0, "Avnet");
_Static_assert(AILINK_WFM620RSC1_PIN1_GPIO41 == 41, "AI-Link");

int main(void)
{
    return 0;
}
