#include "parson.h"

#include <applibs/log.h>
#include <stddef.h>

// The SDK must not get this one.
JSON_Value* json_parse_string(const char* text)
{
    Log_Debug("the app's parson: %s\n", text);
    return NULL;
}

void json_value_free(JSON_Value* value)
{
}
