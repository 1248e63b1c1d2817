// Files under /dev.
#ifndef SPHERE_IOT_DEVICE_FILES_H
#define SPHERE_IOT_DEVICE_FILES_H

// What device_file_open says of every other path.
#define NOT_A_DEVICE_FILE (-2)

// Opens /dev/null, /dev/zero, /dev/random or /dev/urandom: a descriptor; -1 with ENOMEM, EMFILE; or NOT_A_DEVICE_FILE.
int device_file_open(const char* path);

#endif
