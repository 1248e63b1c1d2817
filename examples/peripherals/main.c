// A service port on a UART. Each line is a question: "i2c", "spi" or "adc"; the answer is what the peripheral says.
#include <applibs/adc.h>
#include <applibs/eventloop.h>
#include <applibs/i2c.h>
#include <applibs/spi.h>
#include <applibs/uart.h>
#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <hw/mt3620_rdb.h>

#define SENSOR_ADDRESS 0x48
#define READ_ID 0x9f
#define ADC_CHANNEL 1
#define REFERENCE_VOLTS 2.5f

static volatile sig_atomic_t terminationRequired = 0;
static int uartFd = -1;
static int i2cFd = -1;
static int spiFd = -1;
static int adcFd = -1;
static char line[64];
static size_t lineLength = 0;

static void OnTerminate(int signalNumber)
{
    terminationRequired = 1;
}

static void Answer(const char* text)
{
    if (write(uartFd, text, strlen(text)) == -1)
    {
        terminationRequired = 1;
    }
}

static void AnswerI2c(void)
{
    const uint8_t reg = 0;
    uint8_t value;
    char text[32];
    if (I2CMaster_WriteThenRead(i2cFd, SENSOR_ADDRESS, &reg, 1, &value, 1) == -1)
    {
        snprintf(text, sizeof(text), "i2c error %d\n", errno);
    }
    else
    {
        snprintf(text, sizeof(text), "i2c %d\n", value);
    }
    Answer(text);
}

static void AnswerSpi(void)
{
    const uint8_t command = READ_ID;
    uint8_t id[3];
    char text[32];
    if (SPIMaster_WriteThenRead(spiFd, &command, 1, id, sizeof(id)) == -1)
    {
        Answer("spi error\n");
        return;
    }
    snprintf(text, sizeof(text), "spi %02x%02x%02x\n", id[0], id[1], id[2]);
    Answer(text);
}

static void AnswerAdc(void)
{
    uint32_t sample;
    char text[32];
    int bits = ADC_GetSampleBitCount(adcFd, ADC_CHANNEL);
    if (bits == -1 || ADC_Poll(adcFd, ADC_CHANNEL, &sample) == -1)
    {
        Answer("adc error\n");
        return;
    }
    snprintf(text, sizeof(text), "adc %.2f V\n", (double)((float)sample * REFERENCE_VOLTS / (float)((1 << bits) - 1)));
    Answer(text);
}

static void AnswerLine(void)
{
    if (strcmp(line, "i2c") == 0)
    {
        AnswerI2c();
    }
    else if (strcmp(line, "spi") == 0)
    {
        AnswerSpi();
    }
    else if (strcmp(line, "adc") == 0)
    {
        AnswerAdc();
    }
    else
    {
        Answer("?\n");
    }
}

static void OnUart(EventLoop* el, int fd, EventLoop_IoEvents events, void* context)
{
    char received[32];
    ssize_t size = read(fd, received, sizeof(received));
    for (ssize_t i = 0; i < size; i++)
    {
        if (received[i] == '\n')
        {
            line[lineLength] = '\0';
            lineLength = 0;
            AnswerLine();
        }
        else if (lineLength < sizeof(line) - 1)
        {
            line[lineLength++] = received[i];
        }
    }
}

static int Open(EventLoop* eventLoop)
{
    UART_Config uart;
    SPIMaster_Config spi;
    UART_InitConfig(&uart);
    uart.baudRate = 115200;
    uartFd = UART_Open(MT3620_RDB_HEADER2_ISU0_UART, &uart);
    i2cFd = I2CMaster_Open(MT3620_RDB_HEADER4_ISU2_I2C);
    if (SPIMaster_InitConfig(&spi) != 0)
    {
        return -1;
    }
    spi.csPolarity = SPI_ChipSelectPolarity_ActiveLow;
    spiFd = SPIMaster_Open(MT3620_RDB_HEADER4_ISU1_SPI, MT3620_SPI_CS_A, &spi);
    adcFd = ADC_Open(MT3620_RDB_ADC_CONTROLLER0);
    if (uartFd == -1 || i2cFd == -1 || spiFd == -1 || adcFd == -1 ||
        ADC_SetReferenceVoltage(adcFd, ADC_CHANNEL, REFERENCE_VOLTS) != 0)
    {
        return -1;
    }
    return EventLoop_RegisterIo(eventLoop, uartFd, EventLoop_Input, OnUart, NULL) == NULL ? -1 : 0;
}

int main(void)
{
    EventLoop* eventLoop = EventLoop_Create();
    struct sigaction action;
    memset(&action, 0, sizeof(action));
    action.sa_handler = OnTerminate;
    sigaction(SIGTERM, &action, NULL);
    if (Open(eventLoop) != 0)
    {
        return 1;
    }
    while (!terminationRequired)
    {
        if (EventLoop_Run(eventLoop, -1, true) == EventLoop_Run_Failed && errno != EINTR)
        {
            return 2;
        }
    }
    return 0;
}
