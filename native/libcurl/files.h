#ifndef SPHERE_IOT_CURL_FILES_H
#define SPHERE_IOT_CURL_FILES_H

struct stat;

// As fstat, stat and rename: kind and size of a file, nothing else of what stat has; rename answers EROFS.
int curl_fstat(int fd, struct stat* status);
int curl_stat(const char* path, struct stat* status);
int curl_rename(const char* from, const char* to);

#endif
