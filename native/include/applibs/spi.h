// SPI buses. The manifest's capability SpiMaster lists those that an app may open.
#ifndef APPLIBS_SPI_H
#define APPLIBS_SPI_H

#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif

#ifndef SPI_STRUCTS_VERSION
#define SPI_STRUCTS_VERSION 1
#endif

// Transfers that SPIMaster_TransferSequential takes.
#define SPI_MASTER_MAX_TRANSFERS 256

typedef int SPI_InterfaceId;
typedef int SPI_ChipSelectId;

#ifndef MT3620_SPI_CS_A
#define MT3620_SPI_CS_A (-1)
#define MT3620_SPI_CS_B (-2)
#endif

typedef enum SPI_Mode
{
    SPI_Mode_Invalid = 0,
    SPI_Mode_0 = 1, // CPOL 0, CPHA 0
    SPI_Mode_1 = 2, // CPOL 0, CPHA 1
    SPI_Mode_2 = 3, // CPOL 1, CPHA 0
    SPI_Mode_3 = 4  // CPOL 1, CPHA 1
} SPI_Mode;

typedef enum SPI_BitOrder
{
    SPI_BitOrder_Invalid = 0,
    SPI_BitOrder_LsbFirst = 1,
    SPI_BitOrder_MsbFirst = 2
} SPI_BitOrder;

typedef enum SPI_ChipSelectPolarity
{
    SPI_ChipSelectPolarity_Invalid = 0,
    SPI_ChipSelectPolarity_ActiveLow = 1,
    SPI_ChipSelectPolarity_ActiveHigh = 2
} SPI_ChipSelectPolarity;

typedef enum SPI_TransferFlags
{
    SPI_TransferFlags_None = 0,
    SPI_TransferFlags_Read = 1,
    SPI_TransferFlags_Write = 2
} SPI_TransferFlags;

typedef struct SPIMaster_Config
{
    SPI_ChipSelectPolarity csPolarity;
} SPIMaster_Config;

typedef struct SPIMaster_Transfer
{
    SPI_TransferFlags flags;
    const uint8_t* writeData;
    uint8_t* readData;
    size_t length;
} SPIMaster_Transfer;

// Chip select active low. 0, or -1 with EFAULT.
int SPIMaster_InitConfig(SPIMaster_Config* config);
// A descriptor for a bus and one chip on it, to be closed with close; -1 with EACCES (not in the manifest), ENODEV, EBUSY,
// EFAULT, EINVAL (chip select).
int SPIMaster_Open(SPI_InterfaceId interfaceId, SPI_ChipSelectId chipSelectId, const SPIMaster_Config* config);
// 0, or -1 with EBADF, EINVAL.
int SPIMaster_SetBusSpeed(int fd, uint32_t speedInHz);
int SPIMaster_SetMode(int fd, SPI_Mode mode);
int SPIMaster_SetBitOrder(int fd, SPI_BitOrder order);
// One transaction; the sum of both counts, or -1 with EBADF, EFAULT, ENXIO (there is no device), ETIMEDOUT, EIO.
ssize_t SPIMaster_WriteThenRead(int fd, const uint8_t* writeData, size_t lenWriteData, uint8_t* readData, size_t lenReadData);
// 0, or -1 with EFAULT, EINVAL for more than memory can hold.
int SPIMaster_InitTransfers(SPIMaster_Transfer* transfers, size_t transferCount);
// One after the other, with the chip selected throughout; the sum of the counts, or -1 as above, EINVAL for too many
// transfers or bytes.
ssize_t SPIMaster_TransferSequential(int fd, const SPIMaster_Transfer* transfers, size_t transferCount);

#ifdef __cplusplus
}
#endif

#endif
