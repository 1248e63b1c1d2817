// applibs/gpio.h: a pin is a descriptor; its level is the host's (src/app/host/peripherals/gpio.ts).
#include <applibs/gpio.h>

#include <errno.h>
#include <stdlib.h>

#include "fail.h"
#include "fd_table.h"
#include "host.h"
#include "host_error.h"

typedef struct GPIO_FILE_TAG
{
    OPEN_FILE file;
    GPIO_Id id;
    bool output;
} GPIO_FILE;

static void gpio_close(OPEN_FILE* file)
{
    host_gpio_close(((GPIO_FILE*)file)->id);
    free(file);
}

static const FILE_OPERATIONS gpio_operations = {.close = gpio_close};

static int open_pin(GPIO_Id id, bool output)
{
    GPIO_FILE* gpio = calloc(1, sizeof(GPIO_FILE));
    if (gpio == NULL)
    {
        host_gpio_close(id);
        return fail(ENOMEM);
    }
    gpio->id = id;
    gpio->output = output;
    return fd_open(&gpio->file, &gpio_operations, false);
}

int GPIO_OpenAsInput(GPIO_Id gpioId)
{
    return host_result(host_gpio_open_input(gpioId)) < 0 ? -1 : open_pin(gpioId, false);
}

int GPIO_OpenAsOutput(GPIO_Id gpioId, GPIO_OutputMode_Type outputMode, GPIO_Value_Type initialValue)
{
    if (outputMode > GPIO_OutputMode_OpenSource || initialValue > GPIO_Value_High)
    {
        return fail(EINVAL);
    }
    return host_result(host_gpio_open_output(gpioId, outputMode, initialValue)) < 0 ? -1 : open_pin(gpioId, true);
}

int GPIO_GetValue(int gpioFd, GPIO_Value_Type* outValue)
{
    const GPIO_FILE* gpio = (GPIO_FILE*)fd_find_kind(gpioFd, &gpio_operations);
    if (gpio == NULL || outValue == NULL)
    {
        return fail(gpio == NULL ? EBADF : EFAULT);
    }
    *outValue = (GPIO_Value_Type)host_gpio_get(gpio->id);
    return 0;
}

int GPIO_SetValue(int gpioFd, GPIO_Value_Type value)
{
    const GPIO_FILE* gpio = (GPIO_FILE*)fd_find_kind(gpioFd, &gpio_operations);
    if (gpio == NULL || value > GPIO_Value_High)
    {
        return fail(gpio == NULL ? EBADF : EINVAL);
    }
    if (gpio->output)
    {
        host_gpio_set(gpio->id, value);
    }
    return 0;
}
