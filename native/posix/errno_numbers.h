// Between the errors of the device's Linux, which apps and our own code use, and those of Emscripten's C library, which are WASI's.
#ifndef SPHERE_IOT_ERRNO_NUMBERS_H
#define SPHERE_IOT_ERRNO_NUMBERS_H

#ifdef __cplusplus
extern "C" {
#endif

// The number on Linux of an error of the C library; 0 for 0 and for a number that is no error.
int errno_linux_of(int wasi);
// The C library's number of an error of Linux; 0 for 0 and for a number that is no error.
int errno_wasi_of(int linux_number);

#ifdef __cplusplus
}
#endif

#endif
