// What an application asks about itself: waits, signals, log, identity; and its messages to the real-time cores. The other side:
// src/app/program/, src/app/host/app/.
#ifndef SPHERE_IOT_HOST_APP_H
#define SPHERE_IOT_HOST_APP_H

#include "host/core.h"

// The one function that suspends. It returns at `until` (host_clock_monotonic; INFINITY: no end), or earlier where a signal or
// something else for the app has come. 1: signals have come, and are to be delivered before the app waits again; else 0.
HOST_FUNCTION(app_wait) extern int host_app_wait(double until);
// Stands for a system call of the device that asks nothing of the host. The build replaces it by what such a call costs
// (native/cmake/package/instrument.cjs).
HOST_FUNCTION(app_system_call) extern void host_app_system_call(void);
// The app has used up what it may do without a wait: the time until which it has to wait (host_clock_monotonic), or 0 where it goes on.
HOST_FUNCTION(app_spun) extern double host_app_spun(void);
// A function of the app has called itself very often without a wait: ends the app where it has done so for longer than the watchdog allows.
HOST_FUNCTION(app_watch) extern void host_app_watch(void);
// Ends the calls of C up to the last one that was made by a function with setjmp: the part of longjmp that C can't do.
HOST_FUNCTION(app_long_jump) extern _Noreturn void host_app_long_jump(void);
// The signals that the host sends, by their numbers on Linux.
enum HOST_SIGNAL
{
    HOST_SIGNAL_HUP = 1,
    HOST_SIGNAL_INT = 2,
    HOST_SIGNAL_KILL = 9,
    HOST_SIGNAL_USR1 = 10,
    HOST_SIGNAL_USR2 = 12,
    HOST_SIGNAL_TERM = 15
};
// The next signal that was sent to the app, in order; 0: none.
HOST_FUNCTION(app_next_signal) extern int host_app_next_signal(void);
// What the app writes to its debug log or its standard streams; need not be whole lines.
HOST_FUNCTION(app_log) extern void host_app_log(const char* text, size_t length);
// Copies a text with its secrets masked, as much of it as there is room for; the length of all of it.
HOST_FUNCTION(app_masked)
extern size_t host_app_masked(const char* text, size_t length, char* masked, size_t size);
// Bytes of the text of a GUID, with its NUL.
#define HOST_GUID_SIZE 37
// Copies the application's component id, a GUID, with its NUL: HOST_GUID_SIZE bytes.
HOST_FUNCTION(app_component_id) extern void host_app_component_id(char* id);
// Copies the catalog id of the manifest's DeviceAuthentication, a GUID, with its NUL: HOST_GUID_SIZE bytes; 0, or HOST_ERROR_NO_ENTRY.
HOST_FUNCTION(app_catalog_id) extern int host_app_catalog_id(char* id);
// Whether the app has a DAA certificate that has not expired: 1 yes, 0 no.
HOST_FUNCTION(app_device_auth_ready) extern int host_app_device_auth_ready(void);
// Copies the version of the operating system with its NUL, as much of it as there is room for.
HOST_FUNCTION(app_os_version) extern void host_app_os_version(char* version, size_t size);
// The heap is about to grow to `size` bytes: 0, or HOST_ERROR_NO_SPACE where the operating system ends the app for that.
HOST_FUNCTION(app_heap_grow) extern int host_app_heap_grow(size_t size);

// Messages to and from applications of the real-time cores.

// Opens a connection: its number, from 0, or HOST_ERROR_….
HOST_FUNCTION(partner_connect) extern int host_partner_connect(const char* component_id);
// Ends a connection, and forgets the number.
HOST_FUNCTION(partner_close) extern void host_partner_close(int connection);
// The count of bytes that were sent, or HOST_ERROR_….
HOST_FUNCTION(partner_send) extern int host_partner_send(int connection, const void* bytes, size_t size);
// Copies the next message, as much of it as there is room for, and forgets it; its copied length, or -1: there is none.
HOST_FUNCTION(partner_receive) extern int host_partner_receive(int connection, void* buffer, size_t size);
// How many messages wait.
HOST_FUNCTION(partner_waiting) extern int host_partner_waiting(int connection);

#endif
