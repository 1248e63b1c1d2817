// I2C buses. The manifest's capability I2cMaster lists those that an app may open.
#ifndef APPLIBS_I2C_H
#define APPLIBS_I2C_H

#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif

// The number of a bus, from the hardware definition.
typedef int I2C_InterfaceId;
// 7 or 10 bits.
typedef unsigned int I2C_DeviceAddress;

enum
{
    I2C_BUS_SPEED_STANDARD = 100000,
    I2C_BUS_SPEED_FAST = 400000,
    I2C_BUS_SPEED_FAST_PLUS = 1000000,
    I2C_BUS_SPEED_HIGH = 3400000 // not on an MT3620: I2CMaster_SetBusSpeed says EINVAL
};

// A descriptor for a bus, to be closed with close; -1 with EACCES (not in the manifest), ENODEV, EBUSY (it is open already).
int I2CMaster_Open(I2C_InterfaceId id);
// One of I2C_BUS_SPEED_…. 0, or -1 with EBADF, EINVAL.
int I2CMaster_SetBusSpeed(int fd, uint32_t speedInHz);
// 0, or -1 with EBADF.
int I2CMaster_SetTimeout(int fd, uint32_t timeoutInMs);
// One transaction; the count of bytes, or -1 with EBADF, EFAULT, ENXIO (no answer at this address), ETIMEDOUT, EIO.
ssize_t I2CMaster_Read(int fd, I2C_DeviceAddress address, uint8_t* buffer, size_t maxLength);
ssize_t I2CMaster_Write(int fd, I2C_DeviceAddress address, const uint8_t* data, size_t length);
// Without a stop between the two; the sum of both counts.
ssize_t I2CMaster_WriteThenRead(int fd, I2C_DeviceAddress address, const uint8_t* writeData, size_t lenWriteData,
                                uint8_t* readData, size_t lenReadData);
// Whom read and write talk to. 0, or -1 with EBADF.
int I2CMaster_SetDefaultTargetAddress(int fd, I2C_DeviceAddress address);

#ifdef __cplusplus
}
#endif

#endif
