// What there is to say of a file.
#ifndef SPHERE_IOT_FILE_STATUS_H
#define SPHERE_IOT_FILE_STATUS_H

#include <sys/stat.h>

// Fills in what stat says; `kind` is one of HOST_PATH_…, `size` in bytes, `number` the HOST_PATH's.
void file_status(int kind, off_t size, unsigned number, struct stat* status);

#endif
