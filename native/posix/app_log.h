// The app's debug log.
#ifndef SPHERE_IOT_APP_LOG_H
#define SPHERE_IOT_APP_LOG_H

#include <stdarg.h>

// Writes a text to it, as printf does; 0, or -1: with EFAULT for no format, or where the text can't be made.
int app_log_printf(const char* format, ...);
// The same, as vprintf does.
int app_log_vprintf(const char* format, va_list arguments);

#endif
