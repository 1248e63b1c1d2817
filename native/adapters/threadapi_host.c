// The SDK's threadapi where there are no threads.
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

// The SDK sleeps only while it waits for a close to complete, and a close completes at once here.
void ThreadAPI_Sleep(unsigned int milliseconds)
{
    (void)milliseconds;
}
