// The numbers that Emscripten's C library has for errors.
#ifndef SPHERE_IOT_ERRNO_WASI_H
#define SPHERE_IOT_ERRNO_WASI_H

// In the order of errno_names.h.
extern const unsigned char errno_wasi_numbers[];

#endif
