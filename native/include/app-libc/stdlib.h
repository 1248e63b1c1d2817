// The C library's. Clang works out calls with constants of these itself, and knows them by their names alone: so an app's objects have
// other names, until they are linked (native/cmake/package/link-app.cjs).
#include_next <stdlib.h>

#ifndef SPHERE_IOT_OWN_NAME
#define SPHERE_IOT_OWN_NAME(name) __asm__("sphere_iot_own." #name)
#ifdef __cplusplus
extern "C" {
#endif

int atoi(const char* text) SPHERE_IOT_OWN_NAME(atoi);
long atol(const char* text) SPHERE_IOT_OWN_NAME(atol);
long long atoll(const char* text) SPHERE_IOT_OWN_NAME(atoll);

#ifdef __cplusplus
}
#endif
#endif
