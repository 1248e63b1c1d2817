// General purpose inputs and outputs. The manifest's capability Gpio lists those that an app may open.
#ifndef APPLIBS_GPIO_H
#define APPLIBS_GPIO_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// The number of a pin, from the hardware definition.
typedef int GPIO_Id;

typedef uint8_t GPIO_Value_Type;
typedef enum
{
    GPIO_Value_Low = 0,
    GPIO_Value_High = 1
} GPIO_Value;

typedef uint8_t GPIO_OutputMode_Type;
typedef enum
{
    GPIO_OutputMode_PushPull = 0,
    GPIO_OutputMode_OpenDrain = 1,
    GPIO_OutputMode_OpenSource = 2
} GPIO_OutputMode;

// A descriptor for a pin, to be closed with close; -1 with EACCES (not in the manifest), ENODEV (there is no such pin),
// EBUSY (it is open already).
int GPIO_OpenAsInput(GPIO_Id gpioId);
// The same for an output; also EINVAL (mode or value).
int GPIO_OpenAsOutput(GPIO_Id gpioId, GPIO_OutputMode_Type outputMode, GPIO_Value_Type initialValue);
// The pin's value, of an output too. 0, or -1 with EBADF, EFAULT (`outValue` is NULL).
int GPIO_GetValue(int gpioFd, GPIO_Value_Type* outValue);
// Sets an output; does nothing to an input. 0, or -1 with EBADF, EINVAL (value).
int GPIO_SetValue(int gpioFd, GPIO_Value_Type value);

#ifdef __cplusplus
}
#endif

#endif
