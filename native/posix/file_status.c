#define _GNU_SOURCE
#include "file_status.h"

#include <string.h>
#include <unistd.h>

#include "host.h"

#define BLOCK 512

void file_status(int kind, off_t size, unsigned number, struct stat* status)
{
    const mode_t readable = S_IRUSR | S_IRGRP | S_IROTH;
    const mode_t enterable = S_IXUSR | S_IXGRP | S_IXOTH;
    (void)memset(status, 0, sizeof(*status));
    status->st_mode = kind == HOST_PATH_FOLDER ? S_IFDIR | readable | enterable
                      : kind == HOST_PATH_FILE ? S_IFREG | readable
                                               : S_IFREG | S_IRUSR | S_IWUSR;
    status->st_dev = 1;
    status->st_ino = number;
    status->st_nlink = 1;
    status->st_size = size;
    status->st_blksize = BLOCK;
    status->st_blocks = (blkcnt_t)((size + BLOCK - 1) / BLOCK);
    if (kind == HOST_PATH_MUTABLE_FILE)
    {
        status->st_uid = getuid();
        status->st_gid = getgid();
    }
}
