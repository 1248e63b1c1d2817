// Signals: who sends them, what is blocked and what is pending.
#ifndef SPHERE_IOT_SIGNALS_H
#define SPHERE_IOT_SIGNALS_H

#include <signal.h>
#include <stdbool.h>

// Sends the app a signal, of a number that there is; `code` and `value` are the siginfo_t's. Whether a handler ran. It may end the app.
bool signals_send(int number, int code, union sigval value);
// Sends the app those that the host has for it; how many handlers ran.
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
