// The files of an application. The other side: src/app/host/files/.
#ifndef SPHERE_IOT_HOST_FILES_H
#define SPHERE_IOT_HOST_FILES_H

#include "host/core.h"

// Files: the image package (/mnt/apps/<component id>/…), the mutable file (/mnt/config/<component id>/mutable), the DAA
// certificate (/run/daa/<catalog id>).
enum HOST_FILE_MODE
{
    HOST_FILE_READ = 0,
    HOST_FILE_WRITE = 1, // and read
    HOST_FILE_CREATE = 3 // write, and make it if it is not there
};
// The number of an open file, from 0, or HOST_ERROR_…. `mode`: HOST_FILE_….
HOST_FUNCTION(file_open) extern int host_file_open(const char* path, int mode);
// Closes it, and forgets the number.
HOST_FUNCTION(file_close) extern void host_file_close(int file);
// Its size in bytes; 0 for a number that is no open file.
HOST_FUNCTION(file_size) extern int host_file_size(int file);
// Copies bytes from `offset` on; their count, 0 at the end of the file.
HOST_FUNCTION(file_read) extern int host_file_read(int file, int offset, void* buffer, size_t size);
// The count of bytes that were written, or HOST_ERROR_NO_SPACE, HOST_ERROR_IO.
HOST_FUNCTION(file_write) extern int host_file_write(int file, int offset, const void* bytes, size_t size);
// Cuts it to `size` bytes, or adds zeros up to there: 0, or HOST_ERROR_….
HOST_FUNCTION(file_truncate) extern int host_file_truncate(int file, int size);
// Removes a file that can be written; 0, or HOST_ERROR_….
HOST_FUNCTION(file_delete) extern int host_file_delete(const char* path);

// What is at a path: HOST_PATH_…, or HOST_ERROR_NO_ENTRY.
enum HOST_PATH_KIND
{
    HOST_PATH_FILE = 0, // to be read
    HOST_PATH_MUTABLE_FILE = 1,
    HOST_PATH_FOLDER = 2
};
typedef struct HOST_PATH_TAG
{
    int size;        // of a file, in bytes
    uint32_t number; // the same for all spellings of a path
} HOST_PATH;
// HOST_PATH_…, with `found` filled in, or HOST_ERROR_NO_ENTRY.
HOST_FUNCTION(path_kind) extern int host_path_kind(const char* path, HOST_PATH* found);
// Copies the name of a folder's entry, by its number from 0, with its NUL, as much of it as there is room for. HOST_PATH_…, or
// HOST_ERROR_NO_ENTRY: there are no more.
HOST_FUNCTION(folder_entry) extern int host_folder_entry(const char* path, int index, char* name, size_t size);

#endif
