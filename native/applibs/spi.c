// applibs/spi.h: an SPI bus. The device on it is the host's (src/app/host/peripherals/index.ts).
#include <applibs/spi.h>

#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "fail.h"
#include "host.h"
#include "host_error.h"
#include "peripheral.h"

static ssize_t transfer(const PERIPHERAL* bus, const void* written, size_t write_size, void* read, size_t read_size)
{
    return host_result(host_spi_transfer(bus->id, written, write_size, read, read_size));
}

static ssize_t bus_read(OPEN_FILE* file, void* buffer, size_t size)
{
    return transfer((PERIPHERAL*)file, NULL, 0, buffer, size);
}

static ssize_t bus_write(OPEN_FILE* file, const void* bytes, size_t size)
{
    return transfer((PERIPHERAL*)file, bytes, size, NULL, 0);
}

static const FILE_OPERATIONS spi_operations = {.read = bus_read, .write = bus_write, .close = peripheral_close};

static PERIPHERAL* find(int fd)
{
    return (PERIPHERAL*)fd_find_kind(fd, &spi_operations);
}

int SPIMaster_InitConfig(SPIMaster_Config* config)
{
    if (config == NULL)
    {
        return fail(EFAULT);
    }
    *config = (SPIMaster_Config){.csPolarity = SPI_ChipSelectPolarity_ActiveLow};
    return 0;
}

int SPIMaster_Open(SPI_InterfaceId interfaceId, SPI_ChipSelectId chipSelectId, const SPIMaster_Config* config)
{
    if (config == NULL)
    {
        return fail(EFAULT);
    }
    if (chipSelectId != MT3620_SPI_CS_A && chipSelectId != MT3620_SPI_CS_B)
    {
        return fail(EINVAL);
    }
    return peripheral_open(HOST_PERIPHERAL_SPI, interfaceId, &spi_operations);
}

int SPIMaster_SetBusSpeed(int fd, uint32_t speedInHz)
{
    (void)speedInHz;
    return find(fd) == NULL ? -1 : 0;
}

int SPIMaster_SetMode(int fd, SPI_Mode mode)
{
    if (find(fd) == NULL || mode < SPI_Mode_0 || mode > SPI_Mode_3)
    {
        return fail(find(fd) == NULL ? EBADF : EINVAL);
    }
    return 0;
}

int SPIMaster_SetBitOrder(int fd, SPI_BitOrder order)
{
    if (find(fd) == NULL || order < SPI_BitOrder_LsbFirst || order > SPI_BitOrder_MsbFirst)
    {
        return fail(find(fd) == NULL ? EBADF : EINVAL);
    }
    return 0;
}

ssize_t SPIMaster_WriteThenRead(int fd, const uint8_t* writeData, size_t lenWriteData, uint8_t* readData, size_t lenReadData)
{
    const PERIPHERAL* bus = find(fd);
    if (bus == NULL || writeData == NULL || readData == NULL)
    {
        return fail(bus == NULL ? EBADF : EFAULT);
    }
    return transfer(bus, writeData, lenWriteData, readData, lenReadData);
}

int SPIMaster_InitTransfers(SPIMaster_Transfer* transfers, size_t transferCount)
{
    if (transfers == NULL || transferCount > SIZE_MAX / sizeof(SPIMaster_Transfer))
    {
        return fail(transfers == NULL ? EFAULT : EINVAL);
    }
    (void)memset(transfers, 0, transferCount * sizeof(SPIMaster_Transfer));
    return 0;
}

// How many bytes a sequence writes; -1 where a transfer or their sum is longer than any can be.
static ssize_t written_by(const SPIMaster_Transfer* transfers, size_t count)
{
    size_t written = 0;
    for (size_t i = 0; i < count; i++)
    {
        if (transfers[i].length > INT_MAX - written)
        {
            return -1;
        }
        written += transfers[i].flags == SPI_TransferFlags_Write ? transfers[i].length : 0;
    }
    return (ssize_t)written;
}

// The bytes that a sequence writes before it reads are one write: the chip stays selected.
ssize_t SPIMaster_TransferSequential(int fd, const SPIMaster_Transfer* transfers, size_t transferCount)
{
    const PERIPHERAL* bus = find(fd);
    size_t written = 0;
    ssize_t length;
    uint8_t* bytes;
    ssize_t total = 0;
    if (bus == NULL || transfers == NULL || transferCount > SPI_MASTER_MAX_TRANSFERS)
    {
        return fail(bus == NULL ? EBADF : transfers == NULL ? EFAULT : EINVAL);
    }
    length = written_by(transfers, transferCount);
    if (length < 0)
    {
        return fail(EINVAL);
    }
    bytes = malloc((size_t)length + 1);
    if (bytes == NULL)
    {
        return fail(ENOMEM);
    }
    for (size_t i = 0; i < transferCount && total >= 0; i++)
    {
        const SPIMaster_Transfer* part = &transfers[i];
        bool last = i + 1 == transferCount;
        if (part->flags == SPI_TransferFlags_Write)
        {
            (void)memcpy(bytes + written, part->writeData, part->length);
            written += part->length;
        }
        if (part->flags == SPI_TransferFlags_Read || last)
        {
            bool reads = part->flags == SPI_TransferFlags_Read;
            ssize_t count = transfer(bus, bytes, written, reads ? part->readData : NULL, reads ? part->length : 0);
            total = count < 0 ? -1 : total + count;
            written = 0;
        }
    }
    free(bytes);
    return total;
}
