// applibs/adc.h: analogue inputs. The voltages are the host's (src/app/host/peripherals/index.ts).
#include <applibs/adc.h>

#include <errno.h>

#include "fail.h"
#include "host.h"
#include "host_error.h"
#include "peripheral.h"

#define CHANNELS 8
#define HIGHEST_REFERENCE 2.5f

static const FILE_OPERATIONS adc_operations = {.close = peripheral_close};

static PERIPHERAL* find(int fd, ADC_ChannelId channel)
{
    PERIPHERAL* adc = (PERIPHERAL*)fd_find_kind(fd, &adc_operations);
    if (adc != NULL && channel >= CHANNELS)
    {
        errno = ENODEV;
        adc = NULL;
    }
    return adc;
}

int ADC_Open(ADC_ControllerId id)
{
    int fd = peripheral_open(HOST_PERIPHERAL_ADC, (int)id, &adc_operations);
    if (fd >= 0)
    {
        ((PERIPHERAL*)fd_find(fd))->reference = HIGHEST_REFERENCE;
    }
    return fd;
}

int ADC_GetSampleBitCount(int fd, ADC_ChannelId channel)
{
    return find(fd, channel) == NULL ? -1 : HOST_ADC_SAMPLE_BITS;
}

int ADC_SetReferenceVoltage(int fd, ADC_ChannelId channel, float referenceVoltage)
{
    PERIPHERAL* adc = find(fd, channel);
    if (adc == NULL)
    {
        return -1;
    }
    if (!(referenceVoltage > 0 && referenceVoltage <= HIGHEST_REFERENCE))
    {
        return fail(EINVAL);
    }
    adc->reference = referenceVoltage;
    return 0;
}

int ADC_Poll(int fd, ADC_ChannelId channel, uint32_t* outSampleValue)
{
    const PERIPHERAL* adc = find(fd, channel);
    int sample;
    if (adc == NULL || outSampleValue == NULL)
    {
        return fail(adc == NULL ? errno : EFAULT);
    }
    sample = host_result(host_adc_sample(adc->id, (int)channel, adc->reference));
    if (sample < 0)
    {
        return -1;
    }
    *outSampleValue = (uint32_t)sample;
    return 0;
}
