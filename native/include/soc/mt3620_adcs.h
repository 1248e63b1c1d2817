// The analogue inputs of the MT3620: one controller, eight channels.
#ifndef SOC_MT3620_ADCS_H
#define SOC_MT3620_ADCS_H

#define MT3620_ADC_CONTROLLER0 (0)

#define MT3620_ADC_CHANNEL0 (0)
#define MT3620_ADC_CHANNEL1 (1)
#define MT3620_ADC_CHANNEL2 (2)
#define MT3620_ADC_CHANNEL3 (3)
#define MT3620_ADC_CHANNEL4 (4)
#define MT3620_ADC_CHANNEL5 (5)
#define MT3620_ADC_CHANNEL6 (6)
#define MT3620_ADC_CHANNEL7 (7)

#endif
