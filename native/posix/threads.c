// There are no threads: pthread_create fails, and the log says so.
#include <errno.h>
#include <pthread.h>

#include "app_log.h"

int pthread_create(pthread_t* thread, const pthread_attr_t* attributes, void* (*start)(void*), void* argument)
{
    (void)thread;
    (void)attributes;
    (void)start;
    (void)argument;
    (void)app_log_printf("[sphere-iot] There are no threads here: pthread_create fails with EAGAIN.\n");
    return EAGAIN;
}
