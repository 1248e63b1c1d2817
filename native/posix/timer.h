// The timers of timer_create, for wait.c.
#ifndef SPHERE_IOT_TIMER_H
#define SPHERE_IOT_TIMER_H

// When the first one is due: clock milliseconds, or INFINITY.
double app_timers_deadline(void);
// Does what those that are due are for; how many signal handlers ran.
int app_expire_timers(void);

#endif
