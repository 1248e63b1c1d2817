// Where an app waits. Everything that blocks comes down to app_wait, and app_wait to the one import that suspends.
#ifndef SPHERE_IOT_WAIT_H
#define SPHERE_IOT_WAIT_H

// Waits until `until` (clock milliseconds, as host_clock_monotonic; INFINITY: no end), or until something for the app has
// come: whoever waits looks again. 0, or -1 with EINTR once a signal handler has run.
int app_wait(double until);
// Runs the handlers of the signals that have come, those of timers among them; how many ran.
int app_deliver_signals(void);
// Once an app has run so long without a wait that time has to pass: lets it pass. Signals and timers are served, as where it waits.
void sphere_app_yield(void);

#endif
