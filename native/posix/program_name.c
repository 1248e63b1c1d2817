// What err and warn begin their lines with; the C library asks the system for it.
#include <stdio.h>

void _emscripten_get_progname(char* name, int size);

void _emscripten_get_progname(char* name, int size)
{
    (void)snprintf(name, (size_t)size, "/bin/app");
}
