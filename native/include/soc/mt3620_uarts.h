// The UARTs of the MT3620 that applications can use: one in each of its serial units (ISU).
#ifndef SOC_MT3620_UARTS_H
#define SOC_MT3620_UARTS_H

#include <applibs/uart.h>

#define MT3620_UART_ISU0 (4)
#define MT3620_UART_ISU1 (5)
#define MT3620_UART_ISU2 (6)
#define MT3620_UART_ISU3 (7)
#define MT3620_UART_ISU4 (8)

#endif
