// Before each source of the SDK's unit tests for wasm. With Emscripten 3.1.6 `time_t` has 4 bytes; tests that tell umock that
// it is an 8-byte integer would stop there. It is registered as what it is. And the test of retry control makes ms of
// `time(NULL)`, which would overflow in its own arithmetic: its time is counted from a few days ago.
#if defined(__has_include) && __has_include("umock_c/umock_c.h") && __has_include("azure_macro_utils/macro_utils.h")
#include "umock_c/umock_c.h"
#undef REGISTER_UMOCK_ALIAS_TYPE
#define REGISTER_UMOCK_ALIAS_TYPE(value_type, is_value_type)                                                              \
    if ((sizeof(value_type) != sizeof(is_value_type) && strcmp(MU_TOSTRING(value_type), "time_t") != 0) ||                \
        umocktypes_register_alias_type(                                                                                   \
            MU_TOSTRING(value_type),                                                                                      \
            sizeof(value_type) == sizeof(is_value_type) ? MU_TOSTRING(is_value_type) : "long") != 0)                      \
    {                                                                                                                     \
        umock_c_indicate_error(UMOCK_C_REGISTER_TYPE_FAILED);                                                             \
    }
#endif
#if defined(__has_include) && __has_include("internal/iothub_client_retry_control.h")
#include <time.h>
#define time(result) (time(result) % 1000000)
#endif
