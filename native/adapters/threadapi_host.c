// The SDK's threadapi where there are no threads.
#include <time.h>

#include "azure_c_shared_utility/threadapi.h"
#include "azure_c_shared_utility/xlogging.h"

MU_DEFINE_ENUM_STRINGS(THREADAPI_RESULT, THREADAPI_RESULT_VALUES);

THREADAPI_RESULT ThreadAPI_Create(THREAD_HANDLE* threadHandle, THREAD_START_FUNC func, void* arg)
{
    (void)threadHandle;
    (void)func;
    (void)arg;
    LogError("There are no threads here: use the LL functions.");
    return THREADAPI_ERROR;
}

THREADAPI_RESULT ThreadAPI_Join(THREAD_HANDLE threadHandle, int* res)
{
    (void)threadHandle;
    (void)res;
    return THREADAPI_ERROR;
}

void ThreadAPI_Exit(int res)
{
    (void)res;
}

// The SDK sleeps only while it waits for a close to complete, and a close completes at once here. An app that sleeps by this
// function sleeps.
void ThreadAPI_Sleep(unsigned int milliseconds)
{
#ifdef SPHERE_IOT_APP
    const struct timespec duration = {.tv_sec = (time_t)(milliseconds / 1000),
                                      .tv_nsec = (long)(milliseconds % 1000) * 1000000};
    (void)nanosleep(&duration, NULL);
#else
    (void)milliseconds;
#endif
}
