// The SDK's tickcounter over the host's clock. A counter counts from its own create, as the native one does, and begins at
// 1 ms: the SDK takes 0 for "no time-out", and in virtual time a message is sent in the very millisecond of the create.
#include <stdlib.h>

#include "azure_c_shared_utility/gballoc.h"
#include "azure_c_shared_utility/optimize_size.h"
#include "azure_c_shared_utility/tickcounter.h"
#include "host.h"

typedef struct TICK_COUNTER_INSTANCE_TAG
{
    double created; // host milliseconds
} TICK_COUNTER_INSTANCE;

TICK_COUNTER_HANDLE tickcounter_create(void)
{
    TICK_COUNTER_INSTANCE* counter = malloc(sizeof(TICK_COUNTER_INSTANCE));
    if (counter != NULL)
    {
        counter->created = host_clock_monotonic();
    }
    return counter;
}

void tickcounter_destroy(TICK_COUNTER_HANDLE tick_counter)
{
    free(tick_counter);
}

int tickcounter_get_current_ms(TICK_COUNTER_HANDLE tick_counter, tickcounter_ms_t* current_ms)
{
    if (tick_counter == NULL || current_ms == NULL)
    {
        return MU_FAILURE;
    }
    *current_ms = 1 + (tickcounter_ms_t)(host_clock_monotonic() - tick_counter->created);
    return 0;
}
