// applibs/pwm.h: outputs with pulse width modulation (src/app/host/peripherals/index.ts).
#include <applibs/pwm.h>

#include <errno.h>

#include "fail.h"
#include "host.h"
#include "host_error.h"
#include "peripheral.h"

#define CHANNELS 4

static const FILE_OPERATIONS pwm_operations = {.close = peripheral_close};

int PWM_Open(PWM_ControllerId pwm)
{
    return peripheral_open(HOST_PERIPHERAL_PWM, (int)pwm, &pwm_operations);
}

int PWM_Apply(int pwmFd, PWM_ChannelId pwmChannel, const PwmState* newState)
{
    const PERIPHERAL* pwm = (PERIPHERAL*)fd_find_kind(pwmFd, &pwm_operations);
    if (pwm == NULL || newState == NULL)
    {
        return fail(pwm == NULL ? EBADF : EFAULT);
    }
    if (pwmChannel >= CHANNELS || newState->dutyCycle_nsec > newState->period_nsec ||
        newState->polarity > PWM_Polarity_Inversed)
    {
        return fail(pwmChannel >= CHANNELS ? ENODEV : EINVAL);
    }
    return host_result(host_pwm_apply(pwm->id, (int)pwmChannel, newState->period_nsec, newState->dutyCycle_nsec,
                                      newState->polarity == PWM_Polarity_Inversed, newState->enabled));
}
