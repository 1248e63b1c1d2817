// applibs/uart.h: a UART. Its other end is the host's (src/app/host/peripherals/index.ts).
#include <applibs/uart.h>

#include <errno.h>

#include "fail.h"
#include "host.h"
#include "host_error.h"
#include "peripheral.h"

static short uart_ready(OPEN_FILE* file)
{
    return (short)(POLLOUT | (host_uart_waiting(((PERIPHERAL*)file)->id) > 0 ? POLLIN : 0));
}

static ssize_t uart_read(OPEN_FILE* file, void* buffer, size_t size)
{
    int count = host_result(host_uart_read(((PERIPHERAL*)file)->id, buffer, size));
    if (count == 0 && size > 0)
    {
        return fail(EAGAIN);
    }
    return count;
}

static ssize_t uart_write(OPEN_FILE* file, const void* bytes, size_t size)
{
    return host_result(host_uart_write(((PERIPHERAL*)file)->id, bytes, size));
}

static const FILE_OPERATIONS uart_operations = {
    .read = uart_read, .write = uart_write, .ready = uart_ready, .close = peripheral_close};

void UART_InitConfig(UART_Config* uartConfig)
{
    *uartConfig = (UART_Config){.baudRate = 115200,
                                .blockingMode = UART_BlockingMode_NonBlocking,
                                .dataBits = UART_DataBits_Eight,
                                .parity = UART_Parity_None,
                                .stopBits = UART_StopBits_One,
                                .flowControl = UART_FlowControl_None};
}

int UART_Open(UART_Id uartId, const UART_Config* uartConfig)
{
    int fd;
    if (uartConfig == NULL)
    {
        return fail(EFAULT);
    }
    if (uartConfig->baudRate == 0 || uartConfig->dataBits < UART_DataBits_Five || uartConfig->dataBits > UART_DataBits_Eight ||
        uartConfig->parity > UART_Parity_Odd || uartConfig->stopBits < UART_StopBits_One ||
        uartConfig->stopBits > UART_StopBits_Two || uartConfig->flowControl > UART_FlowControl_XONXOFF)
    {
        return fail(EINVAL);
    }
    fd = peripheral_open(HOST_PERIPHERAL_UART, uartId, &uart_operations);
    if (fd >= 0)
    {
        fd_find(fd)->nonblocking = true; // there is no other mode
    }
    return fd;
}
