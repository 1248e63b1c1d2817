// Each check that fails is a line of the log; their count is the exit code.
#pragma once

#include <applibs/log.h>
#include <errno.h>
#include <string.h>

extern int failures;

#define CHECK(condition)                                                                                      \
    do                                                                                                        \
    {                                                                                                         \
        if (!(condition))                                                                                     \
        {                                                                                                     \
            Log_Debug("FAILED %s:%d: %s (errno %s)\n", __FILE__, __LINE__, #condition, strerror(errno));      \
            failures++;                                                                                       \
        }                                                                                                     \
    } while (0)
#define CHECK_ERROR(call, error)                 \
    do                                           \
    {                                            \
        errno = 0;                               \
        CHECK((call) == -1 && errno == (error)); \
    } while (0)

// Waits for the test, which has SIGUSR1 sent when it has done what the line says.
void Ask(const char* what);
