// Functions from before POSIX that others stand in for.
#define _GNU_SOURCE
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

void* valloc(size_t size)
{
    void* memory = NULL;
    return posix_memalign(&memory, (size_t)sysconf(_SC_PAGESIZE), size) == 0 ? memory : NULL;
}

int getdtablesize(void)
{
    struct rlimit files;
    return getrlimit(RLIMIT_NOFILE, &files) == 0 ? (int)files.rlim_cur : -1;
}
