// The C library's, with syscall, which Emscripten's leaves out.
#include_next <unistd.h>

#if defined(_GNU_SOURCE) || defined(_BSD_SOURCE)
#ifdef __cplusplus
extern "C"
#endif
    long syscall(long number, ...);
#endif
