// There is no folder for temporary files. mkstemp and its like fail as open does, mkdtemp as mkdir does.
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>

#include "refuse.h"

#define NO_FOLDER \
    REFUSE(EACCES, "an app can write to its mutable file only; memory behaves as a file with fmemopen or open_memstream")

FILE* tmpfile(void)
{
    (void)NO_FOLDER;
    return NULL;
}

char* tmpnam(char* name)
{
    (void)name;
    (void)NO_FOLDER;
    return NULL;
}

char* tempnam(const char* folder, const char* prefix)
{
    (void)folder;
    (void)prefix;
    (void)NO_FOLDER;
    return NULL;
}
