// The SPI buses of the MT3620: one in each of its serial units (ISU).
#ifndef SOC_MT3620_SPIS_H
#define SOC_MT3620_SPIS_H

#include <applibs/spi.h>

#define MT3620_SPI_ISU0 (0)
#define MT3620_SPI_ISU1 (1)
#define MT3620_SPI_ISU2 (2)
#define MT3620_SPI_ISU3 (3)
#define MT3620_SPI_ISU4 (4)

#endif
