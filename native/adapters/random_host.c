// The SDK's random over the host's: random_posix.c does not compile with Emscripten's libc (srandom's signature).
#include "azure_c_shared_utility/random.h"
#include "host.h"

// The host's numbers need no seed.
void RANDOM_seed(unsigned int seed)
{
    (void)seed;
}

int RANDOM_generate(void)
{
    unsigned int number;
    host_random_bytes(&number, sizeof(number));
    return (int)(number & 0x7fffffff); // not negative, as random() is
}
