// Functions that are there so that an app links, and that cannot do anything here: they fail, and the log says so once.
// docs/posix.md lists them.
#ifndef SPHERE_IOT_REFUSE_H
#define SPHERE_IOT_REFUSE_H

#include <stdbool.h>

// Sets errno and returns -1. The first time, the log gets a line with the function's name, the error's name and the reason.
#define REFUSE(error, why) \
    ({ \
        static bool logged = false; \
        refuse(&logged, __func__, (error), #error, (why)); \
    })

// What REFUSE does; `logged` says whether the log has that line already.
int refuse(bool* logged, const char* function, int error, const char* error_name, const char* why);

#endif
