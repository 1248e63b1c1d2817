// Emscripten's own does not say what size_t is.
#ifndef SPHERE_IOT_SYS_RANDOM_H
#define SPHERE_IOT_SYS_RANDOM_H

#include <stddef.h>
#include <sys/types.h>

#include_next <sys/random.h>

#endif
