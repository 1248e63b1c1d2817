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

// What an app does when this is its argument.
typedef struct PART_TAG
{
    const char* name;
    void (*run)(void);
} PART;

// Runs the part of that name, and says so at its end; the count of failures, or 99: there is no such part.
#define RUN_PART(parts, name) RunPart((parts), sizeof(parts) / sizeof((parts)[0]), (name))
static inline int RunPart(const PART parts[], size_t count, const char* name)
{
    for (size_t i = 0; i < count; i++)
    {
        if (strcmp(parts[i].name, name) == 0)
        {
            parts[i].run();
            Log_Debug("done\n");
            return failures;
        }
    }
    return 99;
}

// Waits for the test, which has SIGUSR1 sent when it has done what the line says.
void Ask(const char* what);
