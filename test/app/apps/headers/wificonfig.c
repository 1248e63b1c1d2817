#include <applibs/wificonfig.h>

int WifiNames(void)
{
    errno = 0;
    return WifiConfig_GetConnectedNetworkId() != -1 || errno != EACCES;
}
