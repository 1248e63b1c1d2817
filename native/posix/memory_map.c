// Memory maps: memory that begins as zeros, or as a copy of a file. There are no pages, so that neither protection nor sharing
// can be had.
#define _GNU_SOURCE
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "refuse.h"

#define PAGE 4096u
#define ALL_ACCESS (PROT_READ | PROT_WRITE)

static size_t in_pages(size_t size)
{
    return (size + PAGE - 1) / PAGE * PAGE;
}

static int is_page(const void* memory)
{
    return (uintptr_t)memory % PAGE == 0;
}

// Fills a map with a file; -1 with EBADF, EACCES, EIO.
static int fill(char* memory, size_t size, int fd, off_t offset)
{
    size_t done = 0;
    ssize_t count = 1;
    while (done < size && count > 0)
    {
        count = pread(fd, memory + done, size - done, offset + (off_t)done);
        done += count > 0 ? (size_t)count : 0;
    }
    if (count < 0 && errno == ESPIPE)
    {
        errno = ENODEV;
    }
    return count < 0 ? -1 : 0;
}

void* mmap(void* wanted, size_t size, int protection, int flags, int fd, off_t offset)
{
    void* memory;
    (void)wanted;
    if (size == 0 || size > PTRDIFF_MAX - PAGE || offset % PAGE != 0)
    {
        errno = size > PTRDIFF_MAX - PAGE ? ENOMEM : EINVAL;
        return MAP_FAILED;
    }
    if ((flags & MAP_FIXED) != 0 || (protection & PROT_EXEC) != 0 ||
        ((flags & (MAP_ANONYMOUS | MAP_SHARED)) == MAP_SHARED && (protection & PROT_WRITE) != 0))
    {
        (void)REFUSE(ENOTSUP, "maps have no fixed address, cannot be executed, and do not write to files");
        return MAP_FAILED;
    }
    memory = aligned_alloc(PAGE, in_pages(size));
    if (memory == NULL)
    {
        errno = ENOMEM;
        return MAP_FAILED;
    }
    (void)memset(memory, 0, size);
    if ((flags & MAP_ANONYMOUS) == 0 && fill(memory, size, fd, offset) != 0)
    {
        free(memory);
        return MAP_FAILED;
    }
    return memory;
}

int munmap(void* memory, size_t size)
{
    if (size == 0 || !is_page(memory))
    {
        errno = EINVAL;
        return -1;
    }
    free(memory);
    return 0;
}

void* mremap(void* memory, size_t old_size, size_t size, int flags, ...)
{
    void* moved;
    if ((flags & MREMAP_MAYMOVE) == 0)
    {
        errno = ENOMEM;
        return MAP_FAILED;
    }
    moved = mmap(NULL, size, ALL_ACCESS, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (moved != MAP_FAILED)
    {
        (void)memcpy(moved, memory, old_size < size ? old_size : size);
        (void)munmap(memory, old_size);
    }
    return moved;
}

int mprotect(void* memory, size_t size, int protection)
{
    (void)memory;
    (void)size;
    return protection == ALL_ACCESS ? 0 : REFUSE(EACCES, "all memory can be read and written, and none executed");
}

// ---- true of all memory, so that there is nothing to do

int madvise(void* memory, size_t size, int advice)
{
    (void)memory;
    (void)size;
    (void)advice;
    return 0;
}

int posix_madvise(void* memory, size_t size, int advice)
{
    (void)memory;
    (void)size;
    (void)advice;
    return 0;
}

int mlock(const void* memory, size_t size)
{
    (void)memory;
    (void)size;
    return 0;
}

int munlock(const void* memory, size_t size)
{
    (void)memory;
    (void)size;
    return 0;
}

int mlockall(int flags)
{
    (void)flags;
    return 0;
}

int munlockall(void)
{
    return 0;
}

int msync(void* memory, size_t size, int flags)
{
    (void)memory;
    (void)size;
    (void)flags;
    return 0;
}

int mincore(void* memory, size_t size, unsigned char* result)
{
    if (!is_page(memory))
    {
        errno = EINVAL;
        return -1;
    }
    (void)memset(result, 1, in_pages(size) / PAGE);
    return 0;
}
