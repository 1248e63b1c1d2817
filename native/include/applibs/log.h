// The debug log.
#ifndef APPLIBS_LOG_H
#define APPLIBS_LOG_H

#include <stdarg.h>

#ifdef __cplusplus
extern "C" {
#endif

// Writes as printf does, at once. It has no format attribute, as on the device: apps print a size_t by %d and %u alike.
// 0, or -1 with errno (EFAULT: `fmt` is NULL).
int Log_Debug(const char* fmt, ...);
// The same with a va_list.
int Log_DebugVarArgs(const char* fmt, va_list args);

#ifdef __cplusplus
}
#endif

#endif
