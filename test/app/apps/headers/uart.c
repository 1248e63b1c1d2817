#include <applibs/uart.h>

int UartNames(void)
{
    void* memory = malloc(4);
    free(memory);
    return memory == NULL;
}
