#include "errno_wasi.h"

// Not <errno.h>, which is the device's.
#include <bits/errno.h>

#include "errno_names.h"

#define NUMBER(name) name,

const unsigned char errno_wasi_numbers[] = {ERRNO_NAMES(NUMBER)};
