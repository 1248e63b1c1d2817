#include <applibs/pwm.h>

int PwmNames(void)
{
    PwmPolarity polarity = PwmPolarity_Inversed;
    PWM_Polarity same = PWM_Polarity_Inversed;
    PwmState state = {.period_nsec = 1000, .dutyCycle_nsec = 100, .polarity = PwmPolarity_Normal, .enabled = true};
    int fd = PWM_Open(0); // MT3620_PWM_CONTROLLER0
    int failed = polarity != same || fd < 0 || PWM_Apply(fd, 0, &state) != 0;
    state.polarity = polarity;
    return failed || PWM_Apply(fd, 0, &state) != 0;
}
