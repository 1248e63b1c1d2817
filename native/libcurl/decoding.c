// What curl's content_encoding.c calls in the place of zlib's inflate.
#include <zlib.h>

#include "wait.h"

// Decoded bytes after which the app's host has a turn: a few received ones may become very many, and all of them wait in curl.
#define BYTES_OF_A_TURN (64 * 1024)

int inflate_in_turns(z_streamp stream, int flush)
{
    static unsigned long decoded = 0;
    uInt room = stream->avail_out;
    int result = inflate(stream, flush);
    decoded += room - stream->avail_out;
    if (decoded >= BYTES_OF_A_TURN)
    {
        decoded = 0;
        sphere_app_yield();
    }
    return result;
}
