// What contexts and sessions have in common: settings, and texts that are replaced.
#ifndef SPHERE_IOT_WOLFSSL_CONTEXT_H
#define SPHERE_IOT_WOLFSSL_CONTEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "objects.h"

// Copies settings with what is behind them; false: there is no memory, and `to` holds nothing.
bool settings_copy(const SETTINGS* from, SETTINGS* to);
// Frees what is behind them, and the host's context.
void settings_free(SETTINGS* settings);
// Frees the text at `place` and puts a copy of so many bytes there, on the heap; WOLFSSL_SUCCESS, or MEMORY_E.
int replace_text(char** place, const void* text, size_t size);

#endif
