// Signals: sending them, and which are blocked and pending.
#ifndef SPHERE_IOT_SIGNALS_H
#define SPHERE_IOT_SIGNALS_H

#include <signal.h>
#include <stdbool.h>

// What is added to the number of the signal that ended an app in its exit code, as a shell gives it.
#define ENDED_BY_SIGNAL 128

// Sends the app a signal, whose number is valid; `code` and `value` are the siginfo_t's. Whether a handler ran. It may end the app.
bool signals_send(int number, int code, union sigval value);
// Fetches the signals that the host has for the app, and sends them; how many handlers ran.
int signals_receive(void);
// Blocks these signals and no others; those that were blocked before. What is pending stays so until the next delivery.
sigset_t signals_block(const sigset_t* mask);
// Those that were sent while they were blocked.
sigset_t signals_pending(void);
// Takes a pending signal of a set; false: there is none.
bool signals_take(const sigset_t* set, siginfo_t* info);
// Runs the handlers of pending signals that are not blocked; how many ran.
int signals_deliver_pending(void);

#endif
