#include <applibs/i2c.h>

int I2cNames(void)
{
    int fd = I2CMaster_Open(2); // MT3620_I2C_ISU2
    int failed = fd < 0 || I2CMaster_SetBusSpeed(fd, I2C_BUS_SPEED_FAST_PLUS) != 0;
    errno = 0;
    return failed || I2CMaster_SetBusSpeed(fd, I2C_BUS_SPEED_HIGH) != -1 || errno != EINVAL;
}
