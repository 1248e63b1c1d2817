#include <applibs/spi.h>

int SpiNames(void)
{
    errno = 0;
    return SPIMaster_InitConfig(NULL) != -1 || errno != EFAULT;
}
