// Pulse width modulation. The manifest's capability Pwm lists the controllers that an app may open.
#ifndef APPLIBS_PWM_H
#define APPLIBS_PWM_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef uint32_t PWM_ControllerId;
typedef uint32_t PWM_ChannelId;

// The type and its values go by two spellings in apps.
typedef uint32_t PWM_Polarity;
typedef PWM_Polarity PwmPolarity;
enum
{
    PWM_Polarity_Normal = 0,
    PWM_Polarity_Inversed = 1,
    PwmPolarity_Normal = PWM_Polarity_Normal,
    PwmPolarity_Inversed = PWM_Polarity_Inversed
};

typedef struct PwmState
{
    unsigned int period_nsec;
    unsigned int dutyCycle_nsec;
    PWM_Polarity polarity;
    bool enabled;
} PwmState;

// A descriptor for a controller, to be closed with close; -1 with EACCES (not in the manifest), ENODEV, EBUSY.
int PWM_Open(PWM_ControllerId pwm);
// Sets a channel. 0, or -1 with EBADF, EFAULT, ENODEV (no such channel), EINVAL (duty cycle above the period, polarity).
int PWM_Apply(int pwmFd, PWM_ChannelId pwmChannel, const PwmState* newState);

#ifdef __cplusplus
}
#endif

#endif
