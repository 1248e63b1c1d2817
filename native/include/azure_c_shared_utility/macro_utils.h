// Where older apps look for the SDK's macros.
#ifndef AZURE_C_SHARED_UTILITY_MACRO_UTILS_H
#define AZURE_C_SHARED_UTILITY_MACRO_UTILS_H

#include "azure_macro_utils/macro_utils.h"

#endif
