// Answers on a UART in capitals. Button A ends it; button B does nothing; the lamp is never opened. SIGTERM is not handled.
#include <ctype.h>
#include <time.h>
#include <unistd.h>

#include <applibs/gpio.h>
#include <applibs/uart.h>
#include <hw/mt3620_rdb.h>

int main(void)
{
    int buttonA = GPIO_OpenAsInput(MT3620_RDB_BUTTON_A);
    int buttonB = GPIO_OpenAsInput(MT3620_RDB_BUTTON_B);
    UART_Config config;
    UART_InitConfig(&config);
    config.baudRate = 115200;
    int uart = UART_Open(MT3620_RDB_HEADER2_ISU0_UART, &config);
    if (buttonA < 0 || buttonB < 0 || uart < 0)
        return 2;
    for (;;)
    {
        GPIO_Value_Type level;
        if (GPIO_GetValue(buttonA, &level) == 0 && level == GPIO_Value_Low)
            return 3;
        char text[32];
        ssize_t length = read(uart, text, sizeof text);
        for (ssize_t i = 0; i < length; i++)
            text[i] = (char)toupper((unsigned char)text[i]);
        if (length > 0 && write(uart, text, (size_t)length) != length)
            return 4;
        nanosleep(&(struct timespec){ .tv_nsec = 10 * 1000 * 1000 }, NULL);
    }
}
