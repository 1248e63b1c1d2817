// Buses and converters against what the reference says of them. The argument names the part to run; each check that fails is a
// line of the log, and their count the exit code.
#include <applibs/adc.h>
#include <applibs/application.h>
#include <applibs/eventloop.h>
#include <applibs/i2c.h>
#include <applibs/log.h>
#include <applibs/pwm.h>
#include <applibs/spi.h>
#include <applibs/uart.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <soc/mt3620_adcs.h>
#include <soc/mt3620_pwms.h>
#include <soc/mt3620_spis.h>
#include <soc/mt3620_uarts.h>

#include <hw/sample_appliance.h>

#include "../check.h"

int failures = 0;

#define SENSOR 0x38

static void I2c(void)
{
    uint8_t bytes[4] = {0};
    int bus = I2CMaster_Open(SAMPLE_I2C);
    CHECK(bus > 2);
    CHECK_ERROR(I2CMaster_Open(SAMPLE_I2C), EBUSY);
    CHECK_ERROR(I2CMaster_Open(0), EACCES);
    CHECK(I2CMaster_SetBusSpeed(bus, I2C_BUS_SPEED_FAST) == 0 && I2CMaster_SetTimeout(bus, 100) == 0);
    CHECK_ERROR(I2CMaster_SetBusSpeed(bus, 7), EINVAL);
    CHECK_ERROR(I2CMaster_SetBusSpeed(1, I2C_BUS_SPEED_FAST), EBADF);
    CHECK(I2CMaster_WriteThenRead(bus, SENSOR, (const uint8_t[]){0x0f}, 1, bytes, 2) == 3 && bytes[0] == 0x6a && bytes[1] == 0x11);
    CHECK(I2CMaster_Write(bus, SENSOR, (const uint8_t[]){0x20, 1, 2}, 3) == 3);
    CHECK(I2CMaster_Write(bus, SENSOR, (const uint8_t[]){0x20}, 1) == 1 && I2CMaster_Read(bus, SENSOR, bytes, 2) == 2);
    CHECK(bytes[0] == 1 && bytes[1] == 2);
    CHECK_ERROR(I2CMaster_Read(bus, 0x39, bytes, 1), ENXIO);
    CHECK_ERROR(I2CMaster_Read(bus, SENSOR, NULL, 1), EFAULT);
    CHECK(I2CMaster_SetDefaultTargetAddress(bus, SENSOR) == 0);
    CHECK(write(bus, (const uint8_t[]){0x0f}, 1) == 1 && read(bus, bytes, 1) == 1 && bytes[0] == 0x6a);
    Log_Debug("break it\n");
    sleep(1);
    CHECK_ERROR(I2CMaster_Read(bus, SENSOR, bytes, 1), ETIMEDOUT);
    CHECK(close(bus) == 0);
    bus = I2CMaster_Open(SAMPLE_I2C);
    CHECK(bus > 2);
}

static void Spi(void)
{
    uint8_t bytes[2] = {0};
    SPIMaster_Config config;
    SPIMaster_Transfer transfers[3];
    int bus;
    CHECK(SPIMaster_InitConfig(&config) == 0 && config.csPolarity == SPI_ChipSelectPolarity_ActiveLow);
    bus = SPIMaster_Open(MT3620_SPI_ISU1, MT3620_SPI_CS_A, &config);
    CHECK(bus > 2);
    CHECK_ERROR(SPIMaster_Open(MT3620_SPI_ISU0, MT3620_SPI_CS_A, &config), EACCES);
    CHECK_ERROR(SPIMaster_Open(MT3620_SPI_ISU1, 5, &config), EINVAL);
    CHECK(SPIMaster_SetBusSpeed(bus, 400000) == 0 && SPIMaster_SetMode(bus, SPI_Mode_3) == 0);
    CHECK(SPIMaster_SetBitOrder(bus, SPI_BitOrder_MsbFirst) == 0);
    CHECK_ERROR(SPIMaster_SetMode(bus, 9), EINVAL);
    CHECK(SPIMaster_WriteThenRead(bus, (const uint8_t[]){0x80 | 0x0f}, 1, bytes, 1) == 2 && bytes[0] == 0x33);
    CHECK(SPIMaster_InitTransfers(transfers, 3) == 0);
    transfers[0] = (SPIMaster_Transfer){.flags = SPI_TransferFlags_Write, .writeData = (const uint8_t[]){0x10}, .length = 1};
    transfers[1] = (SPIMaster_Transfer){.flags = SPI_TransferFlags_Write, .writeData = (const uint8_t[]){7}, .length = 1};
    CHECK(SPIMaster_TransferSequential(bus, transfers, 2) == 2);
    transfers[1] = (SPIMaster_Transfer){.flags = SPI_TransferFlags_Read, .readData = bytes, .length = 2};
    CHECK(SPIMaster_TransferSequential(bus, transfers, 2) == 3 && bytes[0] == 7 && bytes[1] == 0);
    CHECK(close(bus) == 0);
}

static void OnUart(EventLoop* el, int fd, EventLoop_IoEvents events, void* context)
{
    char text[16];
    ssize_t count = read(fd, text, sizeof(text));
    (void)events;
    (void)context;
    CHECK(count > 0 && write(fd, text, (size_t)count) == count);
    if (memchr(text, '!', (size_t)count) != NULL)
    {
        EventLoop_Stop(el);
    }
}

static void UartPart(void)
{
    UART_Config config;
    EventLoop* loop = EventLoop_Create();
    char byte;
    int uart;
    UART_InitConfig(&config);
    config.baudRate = 9600;
    uart = UART_Open(MT3620_UART_ISU0, &config);
    CHECK(uart > 2);
    CHECK_ERROR(UART_Open(MT3620_UART_ISU1, &config), EACCES);
    CHECK_ERROR(UART_Open(MT3620_UART_ISU0, NULL), EFAULT);
    CHECK_ERROR(read(uart, &byte, 1), EAGAIN);
    config.parity = 9;
    CHECK_ERROR(UART_Open(MT3620_UART_ISU0, &config), EINVAL);
    CHECK(write(uart, "ready\n", 6) == 6);
    EventLoop_RegisterIo(loop, uart, EventLoop_Input, OnUart, NULL);
    CHECK(EventLoop_Run(loop, -1, false) == EventLoop_Run_Finished);
    EventLoop_Close(loop);
    close(uart);
}

static void Converters(void)
{
    uint32_t sample = 0;
    PwmState state = {.period_nsec = 20000, .dutyCycle_nsec = 5000, .polarity = PWM_Polarity_Inversed, .enabled = true};
    int adc = ADC_Open(MT3620_ADC_CONTROLLER0);
    int pwm = PWM_Open(MT3620_PWM_CONTROLLER1);
    CHECK(adc > 2 && ADC_GetSampleBitCount(adc, MT3620_ADC_CHANNEL0) == 12);
    CHECK(ADC_SetReferenceVoltage(adc, MT3620_ADC_CHANNEL0, 2.5f) == 0);
    CHECK_ERROR(ADC_SetReferenceVoltage(adc, MT3620_ADC_CHANNEL0, 3.3f), EINVAL);
    CHECK(ADC_Poll(adc, MT3620_ADC_CHANNEL1, &sample) == 0 && sample == 2048);
    CHECK(ADC_Poll(adc, MT3620_ADC_CHANNEL2, &sample) == 0 && sample == 4095);
    CHECK_ERROR(ADC_Poll(adc, 8, &sample), ENODEV);
    CHECK_ERROR(ADC_Poll(adc, 1, NULL), EFAULT);
    CHECK_ERROR(PWM_Open(MT3620_PWM_CONTROLLER0), EACCES);
    CHECK(PWM_Apply(pwm, MT3620_PWM_CHANNEL2, &state) == 0);
    state.dutyCycle_nsec = 30000;
    CHECK_ERROR(PWM_Apply(pwm, MT3620_PWM_CHANNEL2, &state), EINVAL);
    CHECK_ERROR(PWM_Apply(pwm, MT3620_PWM_CHANNEL2, NULL), EFAULT);
    CHECK_ERROR(PWM_Apply(adc, MT3620_PWM_CHANNEL2, &state), EBADF);
}

static void RealTimeCore(void)
{
    char text[32] = {0};
    const struct timeval timeout = {.tv_sec = 5};
    struct timeval start;
    struct timeval end;
    int fd = Application_Connect("005180bc-402f-4cb3-a662-72937dbcde47");
    CHECK(fd > 2 && setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout)) == 0);
    CHECK_ERROR(Application_Connect("11111111-402f-4cb3-a662-72937dbcde47"), EACCES);
    CHECK_ERROR(Application_Connect(NULL), EFAULT);
    CHECK(send(fd, "ping", 4, 0) == 4);
    CHECK(recv(fd, text, sizeof(text), 0) == 4 && memcmp(text, "pong", 4) == 0);
    CHECK(send(fd, "one", 3, 0) == 3 && write(fd, "three", 5) == 5);
    CHECK(recv(fd, text, 2, 0) == 2 && memcmp(text, "on", 2) == 0); // the rest of a message is lost
    CHECK(read(fd, text, sizeof(text)) == 5 && memcmp(text, "three", 5) == 0);
    CHECK_ERROR(recv(fd, text, sizeof(text), MSG_DONTWAIT), EAGAIN);
    gettimeofday(&start, NULL);
    CHECK_ERROR(recv(fd, text, sizeof(text), 0), EAGAIN);
    gettimeofday(&end, NULL);
    CHECK(end.tv_sec - start.tv_sec == 5);
    close(fd);
}

int main(int argc, char* argv[])
{
    const char* part = argc == 2 ? argv[1] : "";
    if (strcmp(part, "i2c") == 0)
    {
        I2c();
    }
    else if (strcmp(part, "spi") == 0)
    {
        Spi();
    }
    else if (strcmp(part, "uart") == 0)
    {
        UartPart();
    }
    else if (strcmp(part, "converters") == 0)
    {
        Converters();
    }
    else
    {
        RealTimeCore();
    }
    Log_Debug("done\n");
    return failures;
}
