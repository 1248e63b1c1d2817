// What a test may not see of an app. The argument names the part to run.
#include <applibs/gpio.h>
#include <applibs/log.h>
#include <applibs/uart.h>
#include <netdb.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static void Button(void)
{
    GPIO_Value_Type value = GPIO_Value_High;
    int pin;
    sleep(5);
    pin = GPIO_OpenAsInput(2);
    while (value == GPIO_Value_High)
    {
        usleep(10000);
        (void)GPIO_GetValue(pin, &value);
    }
    Log_Debug("pressed\n");
}

static void Uart(void)
{
    UART_Config config;
    int uart;
    UART_InitConfig(&config);
    config.baudRate = 9600;
    uart = UART_Open(4, &config);
    for (int i = 1; i <= 2; i++)
    {
        sleep(10);
        (void)write(uart, i == 1 ? "OK 1\n" : "OK 2\n", 5);
    }
}

static void Connect(void)
{
    struct addrinfo hints = {.ai_family = AF_INET, .ai_socktype = SOCK_STREAM};
    struct addrinfo* found = NULL;
    int socket_ = socket(AF_INET, SOCK_STREAM, 0);
    int result = getaddrinfo("tea.example", "80", &hints, &found);
    Log_Debug(result == 0 && connect(socket_, found->ai_addr, found->ai_addrlen) == 0 ? "connected\n" : "refused\n");
}

int main(int argc, char* argv[])
{
    const char* part = argc > 1 ? argv[1] : "";
    if (strcmp(part, "abort") == 0)
    {
        abort();
    }
    if (strcmp(part, "raise") == 0)
    {
        (void)raise(SIGUSR1);
    }
    if (strcmp(part, "button") == 0)
    {
        Button();
    }
    if (strcmp(part, "uart") == 0)
    {
        Uart();
    }
    if (strcmp(part, "connect") == 0)
    {
        Connect();
    }
    if (strcmp(part, "leave") == 0)
    {
        sleep(5);
        Log_Debug("leaves\n");
        return 3;
    }
    if (strcmp(part, "finish") == 0)
    {
        return 0;
    }
    Log_Debug("idle\n");
    for (;;)
    {
        (void)pause();
    }
}
