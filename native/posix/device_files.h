// Files under /dev.
#ifndef SPHERE_IOT_DEVICE_FILES_H
#define SPHERE_IOT_DEVICE_FILES_H

// Opens /dev/null, /dev/zero, /dev/random or /dev/urandom: a descriptor, or -1 with errno. -2: the path is another one.
int device_file_open(const char* path);

#endif
