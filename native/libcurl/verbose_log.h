// Included before curl_trc.c: its fwrite is ours, and says for which of an app's handles it is.
#ifndef SPHERE_IOT_VERBOSE_LOG_H
#define SPHERE_IOT_VERBOSE_LOG_H

#include <stdio.h>

// As fwrite, but what is secret is masked. It is called for the mark of a text, "> " or its like, and then for the text.
extern size_t write_without_secrets(const void* handle, const void* text, size_t size, size_t count, FILE* file);

#define fwrite(text, size, count, file) write_without_secrets(data, text, size, count, file)

#endif
