// Folders that an app can open and list: those of its image package, and what leads to its files.
#ifndef SPHERE_IOT_FOLDERS_H
#define SPHERE_IOT_FOLDERS_H

// Bytes of a path with its NUL, at most.
#define PATH_SIZE 512

// A descriptor for a folder that is there, to be listed; `number` is its HOST_PATH's. -1 with EMFILE, ENOMEM, ENAMETOOLONG.
int folder_open(const char* path, unsigned number);
// The whole path of what a function with "at" in its name gets. 0, or -1 with EFAULT, EBADF, ENOTDIR, ENAMETOOLONG.
int path_at(int folder, const char* path, char result[PATH_SIZE]);

#endif
