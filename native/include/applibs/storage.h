// The files of the image package, and the one file that an app may change.
#ifndef APPLIBS_STORAGE_H
#define APPLIBS_STORAGE_H

#ifdef __cplusplus
extern "C" {
#endif

// A descriptor for the app's mutable file, which is made where there is none, at its begin. The manifest's MutableStorage
// says how large it may become; write gives ENOSPC beyond. -1 with EACCES (no MutableStorage), EIO.
int Storage_OpenMutableFile(void);
// Deletes the mutable file. 0, or -1 with EACCES, ENOENT (there is none), EIO.
int Storage_DeleteMutableFile(void);
// A descriptor for a file of the image package, to be read. -1 with EFAULT, EINVAL (not a relative path), ENOENT.
int Storage_OpenFileInImagePackage(const char* relativePath);
// The whole path of a file in the image package, there or not; the caller frees it. NULL with EFAULT, EINVAL, ENOMEM.
char* Storage_GetAbsolutePathInImagePackage(const char* relativePath);

#ifdef __cplusplus
}
#endif

#endif
