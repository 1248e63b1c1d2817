// Certificates and keys from files and from memory.
#ifndef SPHERE_IOT_WOLFSSL_FILES_H
#define SPHERE_IOT_WOLFSSL_FILES_H

#include <stddef.h>

// A file as a whole, on the heap, the caller's to free; NULL where it can't be read.
unsigned char* read_whole(const char* name, size_t* size);
// Adds a file to a context of the host's: HOST_TLS_…. Results as in wolfssl/ssl.h.
int add_file(int context, int what, const char* name);
// The same of bytes.
int add_bytes(int context, int what, const void* bytes, long size);

#endif
