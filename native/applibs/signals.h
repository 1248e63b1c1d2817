// What waits for signals asks of signals.c.
#ifndef SPHERE_IOT_SIGNALS_H
#define SPHERE_IOT_SIGNALS_H

#include <signal.h>
#include <stdbool.h>

// Blocks these signals and no others; those that were blocked before. What is pending stays so until the next delivery.
sigset_t signals_block(const sigset_t* mask);
// Takes a pending signal of a set; false: there is none.
bool signals_take(const sigset_t* set, siginfo_t* info);
// Runs the handlers of pending signals that are not blocked; how many ran.
int signals_deliver_pending(void);

#endif
