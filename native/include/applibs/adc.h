// Analogue inputs. The manifest's capability Adc lists the controllers that an app may open.
#ifndef APPLIBS_ADC_H
#define APPLIBS_ADC_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef uint32_t ADC_ControllerId;
typedef uint32_t ADC_ChannelId;

// A descriptor for a controller, to be closed with close; -1 with EACCES (not in the manifest), ENODEV, EBUSY.
int ADC_Open(ADC_ControllerId id);
// 12, or -1 with EBADF, ENODEV (no such channel).
int ADC_GetSampleBitCount(int fd, ADC_ChannelId channel);
// Up to 2.5 V. 0, or -1 with EBADF, ENODEV, EINVAL.
int ADC_SetReferenceVoltage(int fd, ADC_ChannelId channel, float referenceVoltage);
// A sample: 0 for 0 V, all bits for the reference voltage. 0, or -1 with EBADF, ENODEV, EFAULT, EIO.
int ADC_Poll(int fd, ADC_ChannelId channel, uint32_t* outSampleValue);

#ifdef __cplusplus
}
#endif

#endif
