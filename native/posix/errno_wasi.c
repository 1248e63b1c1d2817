// The numbers that Emscripten's C library has for errors.
#include "errno_numbers.h"

// Not <errno.h>, which is the device's.
#include <bits/errno.h>

#include "errno_names.h"

#define NUMBER(name) name,

const unsigned char errno_wasi_numbers[] = {ERRNO_NAMES(NUMBER)};
