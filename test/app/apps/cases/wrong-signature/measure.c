#include <applibs/log.h>

int Measure(int channel, double scale);

int Measure(int channel, double scale)
{
    Log_Debug("channel %d, scale %f\n", channel, scale);
    return channel;
}
