// The C library's, with syscall, which Emscripten's leaves out. It is declared without _GNU_SOURCE, too: an app that calls it so works on
// the device, and here C could not call it without a declaration.
#include_next <unistd.h>

#ifdef __cplusplus
extern "C"
#endif
    long
    syscall(long number, ...);
