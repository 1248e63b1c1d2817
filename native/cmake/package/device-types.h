// Included before every source file of an app: types and names that the device's C has otherwise. Nothing here includes a header, since
// the app has not said yet which standard it wants (_GNU_SOURCE).
#pragma GCC system_header

// The device's gcc is one for Linux, and has no such names without underscores in standard C.
#define __linux 1
#define __linux__ 1
#undef unix

typedef int ssize_t;
#define __DEFINED_ssize_t

#ifndef __cplusplus
// On ARM an unsigned int. In C++ it has to be the compiler's own, an unsigned long.
#undef __SIZE_TYPE__
#define __SIZE_TYPE__ unsigned int
#undef __PTRDIFF_TYPE__
#define __PTRDIFF_TYPE__ int
#undef __INTPTR_TYPE__
#define __INTPTR_TYPE__ int
#undef __UINTPTR_TYPE__
#define __UINTPTR_TYPE__ unsigned int
#endif
