// The hardware clock. The manifest's capability SystemTime lets an app set it, and the time with clock_settime.
#ifndef APPLIBS_RTC_H
#define APPLIBS_RTC_H

#ifdef __cplusplus
extern "C" {
#endif

// Sets the hardware clock to the time: the device has it again when it starts without a network. 0, or -1 with EACCES.
int clock_systohc(void);

#ifdef __cplusplus
}
#endif

#endif
