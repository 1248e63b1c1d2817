// The PWM controllers of the MT3620, with four channels each.
#ifndef SOC_MT3620_PWMS_H
#define SOC_MT3620_PWMS_H

#define MT3620_PWM_CONTROLLER0 (0)
#define MT3620_PWM_CONTROLLER1 (1)
#define MT3620_PWM_CONTROLLER2 (2)

#define MT3620_PWM_CHANNEL0 (0)
#define MT3620_PWM_CHANNEL1 (1)
#define MT3620_PWM_CHANNEL2 (2)
#define MT3620_PWM_CHANNEL3 (3)

#endif
