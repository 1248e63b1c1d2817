#include "beside\First.h"
#define FIRST 1
