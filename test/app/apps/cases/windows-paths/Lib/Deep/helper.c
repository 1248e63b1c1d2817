#include "HELPER.h"
#include "..\deep\number.h"

int Helper(void)
{
    return NUMBER;
}
