// applibs/i2c.h: an I2C bus. The devices on it are the host's (src/app/host/peripherals/index.ts).
#include <applibs/i2c.h>

#include <errno.h>

#include "fail.h"
#include "host.h"
#include "host_error.h"
#include "peripheral.h"

static ssize_t transfer(const PERIPHERAL* bus, int address, const void* written, size_t write_size, void* read,
                        size_t read_size)
{
    return host_result(host_i2c_transfer(bus->id, address, written, write_size, read, read_size));
}

// read and write go to the default target.
static ssize_t bus_read(OPEN_FILE* file, void* buffer, size_t size)
{
    return transfer((PERIPHERAL*)file, ((PERIPHERAL*)file)->setting, NULL, 0, buffer, size);
}

static ssize_t bus_write(OPEN_FILE* file, const void* bytes, size_t size)
{
    return transfer((PERIPHERAL*)file, ((PERIPHERAL*)file)->setting, bytes, size, NULL, 0);
}

static const FILE_OPERATIONS i2c_operations = {.read = bus_read, .write = bus_write, .close = peripheral_close};

static PERIPHERAL* find(int fd)
{
    return (PERIPHERAL*)fd_find_kind(fd, &i2c_operations);
}

int I2CMaster_Open(I2C_InterfaceId id)
{
    return peripheral_open(HOST_PERIPHERAL_I2C, id, &i2c_operations);
}

int I2CMaster_SetBusSpeed(int fd, uint32_t speedInHz)
{
    if (find(fd) == NULL)
    {
        return -1;
    }
    if (speedInHz != I2C_BUS_SPEED_STANDARD && speedInHz != I2C_BUS_SPEED_FAST && speedInHz != I2C_BUS_SPEED_FAST_PLUS)
    {
        return fail(EINVAL);
    }
    return 0;
}

int I2CMaster_SetTimeout(int fd, uint32_t timeoutInMs)
{
    (void)timeoutInMs;
    return find(fd) == NULL ? -1 : 0;
}

int I2CMaster_SetDefaultTargetAddress(int fd, I2C_DeviceAddress address)
{
    PERIPHERAL* bus = find(fd);
    if (bus == NULL)
    {
        return -1;
    }
    bus->setting = (int)address;
    return 0;
}

ssize_t I2CMaster_Read(int fd, I2C_DeviceAddress address, uint8_t* buffer, size_t maxLength)
{
    const PERIPHERAL* bus = find(fd);
    if (bus == NULL || buffer == NULL)
    {
        return fail(bus == NULL ? EBADF : EFAULT);
    }
    return transfer(bus, (int)address, NULL, 0, buffer, maxLength);
}

ssize_t I2CMaster_Write(int fd, I2C_DeviceAddress address, const uint8_t* data, size_t length)
{
    const PERIPHERAL* bus = find(fd);
    if (bus == NULL || data == NULL)
    {
        return fail(bus == NULL ? EBADF : EFAULT);
    }
    return transfer(bus, (int)address, data, length, NULL, 0);
}

ssize_t I2CMaster_WriteThenRead(int fd, I2C_DeviceAddress address, const uint8_t* writeData, size_t lenWriteData,
                                uint8_t* readData, size_t lenReadData)
{
    const PERIPHERAL* bus = find(fd);
    if (bus == NULL || writeData == NULL || readData == NULL)
    {
        return fail(bus == NULL ? EBADF : EFAULT);
    }
    return transfer(bus, (int)address, writeData, lenWriteData, readData, lenReadData);
}
