// HOST_ERROR_… of host.h as errno.
#ifndef SPHERE_IOT_HOST_ERROR_H
#define SPHERE_IOT_HOST_ERROR_H

// Passes on what is not negative; else sets errno and returns -1.
int host_result(int result);

#endif
