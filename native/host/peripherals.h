// Pins, buses and converters. The other side: src/app/host/peripherals/.
#ifndef SPHERE_IOT_HOST_PERIPHERALS_H
#define SPHERE_IOT_HOST_PERIPHERALS_H

#include "host/core.h"

// Opens a pin as an input: 0, or HOST_ERROR_….
HOST_FUNCTION(gpio_open_input) extern int host_gpio_open_input(int id);
// Opens a pin as an output with a level, 0 or 1. `mode`: a GPIO_OutputMode. 0, or HOST_ERROR_….
HOST_FUNCTION(gpio_open_output) extern int host_gpio_open_output(int id, int mode, int value);
// Gives the pin back.
HOST_FUNCTION(gpio_close) extern void host_gpio_close(int id);
// Its level, 0 or 1.
HOST_FUNCTION(gpio_get) extern int host_gpio_get(int id);
// Sets its level, 0 or 1.
HOST_FUNCTION(gpio_set) extern void host_gpio_set(int id, int value);

// Buses and converters, by the number that C has for them.
enum HOST_PERIPHERAL
{
    HOST_PERIPHERAL_I2C = 0,
    HOST_PERIPHERAL_SPI = 1,
    HOST_PERIPHERAL_UART = 2,
    HOST_PERIPHERAL_ADC = 3,
    HOST_PERIPHERAL_PWM = 4
};
// Opens one. `kind`: HOST_PERIPHERAL_…. 0, or HOST_ERROR_….
HOST_FUNCTION(peripheral_open) extern int host_peripheral_open(int kind, int id);
// Gives it back.
HOST_FUNCTION(peripheral_close) extern void host_peripheral_close(int kind, int id);
// One transaction with a device on an I2C bus: a write, a read, or one after the other. The count of bytes, or HOST_ERROR_…:
// HOST_ERROR_NO_ANSWER where no device has this address.
HOST_FUNCTION(i2c_transfer)
extern int host_i2c_transfer(int id, int address, const void* written, size_t write_size, void* read, size_t read_size);
// The same with the one device on an SPI bus.
HOST_FUNCTION(spi_transfer)
extern int host_spi_transfer(int id, const void* written, size_t write_size, void* read, size_t read_size);
// How many bytes wait in a UART's input.
HOST_FUNCTION(uart_waiting) extern int host_uart_waiting(int id);
// Copies bytes of a UART's input; their count, or HOST_ERROR_….
HOST_FUNCTION(uart_read) extern int host_uart_read(int id, void* buffer, size_t size);
// The count of bytes that were sent, or HOST_ERROR_….
HOST_FUNCTION(uart_write) extern int host_uart_write(int id, const void* bytes, size_t size);
enum HOST_ADC
{
    HOST_ADC_SAMPLE_BITS = 12
};
// The sample of an analogue input, HOST_ADC_SAMPLE_BITS long, for the reference voltage in volts; or HOST_ERROR_….
HOST_FUNCTION(adc_sample) extern int host_adc_sample(int id, int channel, double reference);
// Sets an output; period and duty cycle are in nanoseconds. 0, or HOST_ERROR_….
HOST_FUNCTION(pwm_apply)
extern int host_pwm_apply(int id, int channel, double period, double duty, int inverted, int enabled);

#endif
