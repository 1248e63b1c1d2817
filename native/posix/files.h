// The files of an app: those of its image package, and its mutable one.
#ifndef SPHERE_IOT_FILES_H
#define SPHERE_IOT_FILES_H

// A descriptor for the file or folder at a path; `mode` is one of HOST_FILE_…, `flags` are open's. -1 with open's errors.
int file_open(const char* path, int mode, int flags);

#endif
