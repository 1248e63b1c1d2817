// 0, 1 and 2: nothing comes in, and what goes out is part of the app's log.
#ifndef SPHERE_IOT_STANDARD_STREAMS_H
#define SPHERE_IOT_STANDARD_STREAMS_H

#include "fd_table.h"

extern OPEN_FILE standard_input;
extern OPEN_FILE standard_output;

#endif
