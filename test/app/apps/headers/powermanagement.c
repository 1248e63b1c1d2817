#include <applibs/powermanagement.h>

int PowerNames(void)
{
    void* nothing = NULL;
    return nothing != 0;
}
