// Where older apps look for the macros that declare the SDK's functions.
#ifndef AZURE_C_SHARED_UTILITY_UMOCK_C_PROD_H
#define AZURE_C_SHARED_UTILITY_UMOCK_C_PROD_H

#include "umock_c/umock_c_prod.h"

#endif
