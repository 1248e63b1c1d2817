// Power, software updates, the certificates of the device, its time. The other side: src/app/host/system/.
#ifndef SPHERE_IOT_HOST_SYSTEM_H
#define SPHERE_IOT_HOST_SYSTEM_H

#include "host/core.h"

// Restarts the device: 0, or HOST_ERROR_….
HOST_FUNCTION(power_reboot) extern int host_power_reboot(void);
// Powers the device down, for so long at most: 0, or HOST_ERROR_….
HOST_FUNCTION(power_down) extern int host_power_down(unsigned seconds);
// Sets the power profile, a PowerManagement_System_PowerProfile. 0, or HOST_ERROR_….
HOST_FUNCTION(power_profile) extern int host_power_profile(int profile);

// Notifications of software updates.
typedef struct HOST_SYSTEM_EVENT_TAG
{
    uint32_t event;       // one of SysEvent_Events
    uint32_t status;      // SysEvent_Status
    uint32_t type;        // SysEvent_UpdateType
    uint32_t max_minutes; // that it can be put off
} HOST_SYSTEM_EVENT;
// Asks for events. `wanted`: bits of SysEvent_Events. 0, or HOST_ERROR_….
HOST_FUNCTION(system_events_register) extern int host_system_events_register(int wanted);
// No more of them come.
HOST_FUNCTION(system_events_unregister) extern void host_system_events_unregister(void);
// How many events wait.
HOST_FUNCTION(system_events_waiting) extern int host_system_events_waiting(void);
// Fills in the next event, and forgets it: 0, or HOST_ERROR_NO_DATA where there is none.
HOST_FUNCTION(system_events_next) extern int host_system_events_next(HOST_SYSTEM_EVENT* event);
// Puts an update off: 0, or HOST_ERROR_….
HOST_FUNCTION(system_events_defer) extern int host_system_events_defer(int event, unsigned minutes);
// Puts it off no longer: 0, or HOST_ERROR_….
HOST_FUNCTION(system_events_resume) extern int host_system_events_resume(int event);

// The device's store of certificates, by identifiers that are well formed.
enum HOST_CERTIFICATE_NAME
{
    HOST_CERTIFICATE_SUBJECT = 0,
    HOST_CERTIFICATE_ISSUER = 1
};
enum HOST_CERTIFICATE_TIME
{
    HOST_CERTIFICATE_NOT_BEFORE = 0,
    HOST_CERTIFICATE_NOT_AFTER = 1
};
// Stores a certificate: 0, or HOST_ERROR_…. Without a key it is a root CA's. `password`: bytes up to a NUL, in no certain encoding;
// NULL: none.
HOST_FUNCTION(certificate_install)
extern int host_certificate_install(const char* identifier, const void* certificate, size_t size, const void* key,
                                    size_t key_size, const void* password);
// Deletes one: 0, or HOST_ERROR_….
HOST_FUNCTION(certificate_delete) extern int host_certificate_delete(const char* identifier);
// Renames one, and replaces another of that name. 0, or HOST_ERROR_….
HOST_FUNCTION(certificate_move) extern int host_certificate_move(const char* from, const char* to);
// How many there are, or HOST_ERROR_….
HOST_FUNCTION(certificate_count) extern int host_certificate_count(void);
// Copies an identifier, by its certificate's number from 0. 0, or HOST_ERROR_….
HOST_FUNCTION(certificate_at) extern int host_certificate_at(unsigned index, char* identifier, size_t size);
// The bytes that are left, or HOST_ERROR_….
HOST_FUNCTION(certificate_space) extern int host_certificate_space(void);
// Copies a name with its NUL, as much of it as there is room for. `which`: HOST_CERTIFICATE_SUBJECT …. 0, or HOST_ERROR_….
HOST_FUNCTION(certificate_name)
extern int host_certificate_name(const char* identifier, int which, char* name, size_t size);
// Fills in a time, as host_clock_now. `which`: HOST_CERTIFICATE_NOT_BEFORE …. 0, or HOST_ERROR_….
HOST_FUNCTION(certificate_time) extern int host_certificate_time(const char* identifier, int which, double* time);

// The time that apps have set: by how many milliseconds it is after host_clock_now.
HOST_FUNCTION(time_offset) extern double host_time_offset(void);
// Sets it: 0, or HOST_ERROR_….
HOST_FUNCTION(time_set) extern int host_time_set(double offset);
// Sets the hardware clock to it: 0, or HOST_ERROR_….
HOST_FUNCTION(time_keep) extern int host_time_keep(void);

#endif
