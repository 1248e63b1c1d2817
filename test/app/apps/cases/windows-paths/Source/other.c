#include "..\lib\second.h"
#include "other.h"

int Other(void)
{
    return 7;
}
