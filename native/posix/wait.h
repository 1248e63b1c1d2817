// Where an app waits. Everything that blocks comes down to app_wait, and app_wait to the one import that suspends.
#ifndef SPHERE_IOT_WAIT_H
#define SPHERE_IOT_WAIT_H

// Waits until `until` (clock milliseconds, as host_clock_monotonic; INFINITY: no end), or until something has come for the app: the
// caller checks again whether it is what it waits for. 0, or -1 with EINTR once a signal handler has run.
int app_wait(double until);
// Runs the handlers of the signals that have come, those of timers among them; how many ran.
int app_deliver_signals(void);
// Lets time pass, where the app has run for so long without a wait that it has to. Signals and timers are served, as in a wait.
void sphere_app_yield(void);

#endif
