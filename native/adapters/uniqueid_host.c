// The SDK's uniqueid: a random UUID (RFC 4122, version 4).
#include <stdint.h>
#include <stdio.h>

#include "azure_c_shared_utility/uniqueid.h"
#include "azure_c_shared_utility/xlogging.h"
#include "host.h"

#define UUID_LENGTH 36

MU_DEFINE_ENUM_STRINGS(UNIQUEID_RESULT, UNIQUEID_RESULT_VALUES);

UNIQUEID_RESULT UniqueId_Generate(char* uid, size_t bufferSize)
{
    uint8_t b[16];
    if (uid == NULL || bufferSize < UUID_LENGTH + 1)
    {
        LogError("Invalid argument: uid=%p, bufferSize=%lu (37 are needed)", uid, (unsigned long)bufferSize);
        return UNIQUEID_INVALID_ARG;
    }
    host_random_bytes(b, sizeof(b));
    b[6] = (uint8_t)((b[6] & 0x0f) | 0x40);
    b[8] = (uint8_t)((b[8] & 0x3f) | 0x80);
    (void)snprintf(uid, bufferSize, "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", b[0], b[1], b[2],
                   b[3], b[4], b[5], b[6], b[7], b[8], b[9], b[10], b[11], b[12], b[13], b[14], b[15]);
    return UNIQUEID_OK;
}
