#include <SOC\mt3620_gpios.h>
#define LED MT3620_GPIO8
#define BY_HAND 1
