// Files and folders of the image package, and the mutable file.
#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <glob.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <sys/uio.h>
#include <unistd.h>

#include <applibs/storage.h>

#include "../check.h"

static char* package; // its folder, with a slash at the end

static void Positions(void)
{
    char text[16] = "";
    char more[16] = "";
    struct iovec vectors[2] = {{text, 2}, {more, 3}};
    volatile size_t everything = SIZE_MAX;
    int fd = Storage_OpenMutableFile();
    CHECK(fd >= 0 && write(fd, "0123456789", 10) == 10);
    CHECK(pread(fd, text, 3, 4) == 3 && memcmp(text, "456", 3) == 0);
    CHECK(pwrite(fd, "ab", 2, 8) == 2 && lseek(fd, 0, SEEK_CUR) == 10);
    CHECK(preadv(fd, vectors, 2, 6) == 4 && memcmp(text, "67", 2) == 0 && memcmp(more, "ab", 2) == 0);
    CHECK(pread(fd, text, 3, 10) == 0);
    CHECK(pread(fd, text, everything, 7) == 3 && memcmp(text, "7ab", 3) == 0);
    CHECK_ERROR(pread(fd, text, 3, -1), EINVAL);
    CHECK(lseek(fd, 0, SEEK_SET) == 0 && readv(fd, vectors, 2) == 5 && memcmp(more, "234", 3) == 0);
    CHECK(writev(fd, vectors, 2) == 5 && lseek(fd, 0, SEEK_CUR) == 10);
    CHECK(fsync(fd) == 0 && fdatasync(fd) == 0 && ftruncate(fd, 4) == 0 && lseek(fd, 0, SEEK_END) == 4);
    CHECK(flock(fd, LOCK_EX) == 0 && posix_fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL) == 0);
    close(fd);
    CHECK_ERROR(fsync(fd), EBADF);
    CHECK_ERROR(pread(fd, text, 1, 0), EBADF);
    fd = timerfd_create(CLOCK_MONOTONIC, 0);
    CHECK_ERROR(pread(fd, text, 1, 0), ESPIPE);
    CHECK_ERROR(fsync(fd), EINVAL);
    close(fd);
}

// What is open stays what it was, beside a new file of that name.
static void Deleted(void)
{
    char text[16] = "";
    struct stat status;
    int old = Storage_OpenMutableFile();
    int copy = Storage_OpenMutableFile();
    int new;
    CHECK(write(old, "secret", 6) == 6 && Storage_DeleteMutableFile() == 0);
    CHECK(pwrite(copy, "!", 1, 6) == 1 && pread(old, text, 16, 0) == 7 && memcmp(text, "secret!", 7) == 0);
    CHECK_ERROR(Storage_DeleteMutableFile(), ENOENT);
    new = Storage_OpenMutableFile();
    CHECK(write(new, "other", 5) == 5 && ftruncate(old, 2) == 0 && pwrite(copy, "S", 1, 0) == 1);
    CHECK(pread(new, text, 16, 0) == 5 && memcmp(text, "other", 5) == 0);
    CHECK(fstat(old, &status) == 0 && status.st_size == 2 && pread(old, text, 16, 0) == 2 && memcmp(text, "Se", 2) == 0);
    CHECK(close(old) == 0 && close(copy) == 0 && ftruncate(new, 4) == 0 && close(new) == 0);
}

// From a file, by its own position or another, to a pipe; and what is no file.
static void Sending(void)
{
    char text[16] = "";
    char path[PATH_MAX];
    off_t offset = 2;
    int fds[2];
    int fd;
    snprintf(path, sizeof(path), "%sresources/greeting.txt", package);
    fd = open(path, O_RDONLY);
    CHECK(fd >= 0 && pipe(fds) == 0);
    CHECK(sendfile(fds[1], fd, NULL, 5) == 5 && lseek(fd, 0, SEEK_CUR) == 5 && read(fds[0], text, 16) == 5);
    CHECK(sendfile(fds[1], fd, &offset, 4) == 4 && offset == 6 && lseek(fd, 0, SEEK_CUR) == 5 && read(fds[0], text, 16) == 4);
    CHECK(pread(fd, text + 8, 4, 2) == 4 && memcmp(text, text + 8, 4) == 0);
    CHECK(sendfile(fds[1], fd, NULL, 100) == 9 && sendfile(fds[1], fd, NULL, 100) == 0 && sendfile(fds[1], fd, NULL, 0) == 0);
    offset = -1;
    CHECK_ERROR(sendfile(fds[1], fd, &offset, 1), EINVAL);
    offset = 0;
    CHECK_ERROR(sendfile(fds[1], fds[0], NULL, 1), EINVAL);
    CHECK_ERROR(sendfile(fds[1], fds[0], &offset, 1), EINVAL);
    CHECK_ERROR(sendfile(fd, fd, &offset, 1), EBADF);
    CHECK_ERROR(sendfile(fds[1], -1, NULL, 1), EBADF);
    CHECK_ERROR(write(fd, text, 1), EBADF);
    CHECK_ERROR(write(fds[0], text, 1), EBADF);
    CHECK_ERROR(read(fds[1], text, 1), EBADF);
    close(fds[0]);
    close(fds[1]);
    close(fd);
}

static void Status(void)
{
    char path[PATH_MAX];
    struct stat status;
    int fds[2];
    int fd = Storage_OpenFileInImagePackage("resources/greeting.txt");
    CHECK(fstat(fd, &status) == 0 && S_ISREG(status.st_mode) && status.st_size == 14 && (status.st_mode & 0777) == 0444);
    close(fd);
    CHECK_ERROR(fstat(fd, &status), EBADF);
    snprintf(path, sizeof(path), "%sresources/greeting.txt", package);
    CHECK(stat(path, &status) == 0 && status.st_size == 14 && lstat(path, &status) == 0);
    CHECK(access(path, R_OK) == 0 && faccessat(AT_FDCWD, path, F_OK, 0) == 0);
    CHECK_ERROR(access(path, W_OK), EROFS);
    CHECK_ERROR(access(path, X_OK), EACCES);
    CHECK_ERROR(stat("/mnt/nothing", &status), ENOENT);
    CHECK_ERROR(access("/mnt/nothing", F_OK), ENOENT);
    CHECK_ERROR(stat("", &status), ENOENT);
    CHECK(stat("/", &status) == 0 && S_ISDIR(status.st_mode) && stat(package, &status) == 0 && S_ISDIR(status.st_mode));
    CHECK_ERROR(readlink(path, path, sizeof(path)), EINVAL);
    CHECK_ERROR(readlink("/nothing", path, sizeof(path)), ENOENT);
    fd = Storage_OpenMutableFile();
    CHECK(fstat(fd, &status) == 0 && (status.st_mode & 0777) == 0600 && status.st_uid == getuid() && status.st_size == 4);
    close(fd);
    CHECK(pipe(fds) == 0 && fstat(fds[0], &status) == 0 && S_ISFIFO(status.st_mode));
    close(fds[0]);
    close(fds[1]);
    fd = socket(AF_INET, SOCK_STREAM, 0);
    CHECK(fstat(fd, &status) == 0 && S_ISSOCK(status.st_mode));
    close(fd);
}

static int found = 0;

static int Visit(const char* path, const struct stat* status, int kind, struct FTW* place)
{
    (void)path;
    found += kind == FTW_F && status->st_size > 0 && place->level > 0 ? 1 : 0;
    return 0;
}

static int Count(const char* path, const struct stat* status, int kind)
{
    (void)path;
    found += kind == FTW_F && status->st_size > 0 ? 1 : 0;
    return 0;
}

static void Folders(void)
{
    char path[PATH_MAX];
    char text[8] = "";
    char names[256] = "";
    struct dirent* entry;
    struct dirent** list;
    glob_t matches;
    DIR* folder;
    int fd;
    snprintf(path, sizeof(path), "%sresources", package);
    folder = opendir(path);
    CHECK(folder != NULL);
    while (folder != NULL && (entry = readdir(folder)) != NULL)
    {
        strcat(strcat(names, entry->d_name), entry->d_type == DT_DIR ? "/ " : " ");
    }
    CHECK(strcmp(names, "./ ../ greeting.txt texts/ ") == 0);
    rewinddir(folder);
    CHECK((entry = readdir(folder)) != NULL && strcmp(entry->d_name, ".") == 0);
    fd = openat(dirfd(folder), "texts/one.txt", O_RDONLY);
    CHECK(read(fd, text, sizeof(text)) == 3 && memcmp(text, "one", 3) == 0);
    CHECK_ERROR(openat(fd, "one.txt", O_RDONLY), ENOTDIR);
    close(fd);
    CHECK(closedir(folder) == 0);
    CHECK(scandir(path, &list, NULL, alphasort) == 4);
    CHECK(opendir("/mnt/nothing") == NULL && errno == ENOENT);
    strcat(path, "/greeting.txt");
    CHECK(opendir(path) == NULL && errno == ENOTDIR);
    CHECK_ERROR(open(package, O_RDWR), EISDIR);
    fd = open(package, O_RDONLY | O_DIRECTORY);
    CHECK_ERROR(read(fd, text, 1), EINVAL);
    close(fd);
    snprintf(path, sizeof(path), "%sresources/texts/*.txt", package);
    CHECK(glob(path, 0, NULL, &matches) == 0 && matches.gl_pathc == 2 && strstr(matches.gl_pathv[1], "two.txt") != NULL);
    globfree(&matches);
    CHECK(nftw(package, Visit, 4, 0) == 0 && found == 4); // the manifest too
    CHECK(ftw(package, Count, 4) == 0 && found == 8 && ftw("/mnt/nothing", Count, 4) == -1);
    snprintf(path, sizeof(path), "%sresources/../resources/./texts", package);
    CHECK(realpath(path, names) == names && strstr(names, "resources/texts") != NULL && strstr(names, "..") == NULL);
    CHECK(getcwd(path, sizeof(path)) == path && strcmp(path, "/") == 0 && chdir("/") == 0);
}

static void Streams(void)
{
    char buffer[32] = "";
    char* line = NULL;
    char* memory;
    size_t size = 0;
    FILE* stream;
    int fd = Storage_OpenMutableFile();
    int other = dup2(fd, 77);
    CHECK(other == 77 && dup2(77, 77) == 77 && dup3(fd, 78, O_CLOEXEC) == 78);
    CHECK_ERROR(dup3(fd, fd, 0), EINVAL);
    CHECK_ERROR(dup2(99, 5), EBADF);
    close(78);
    close(other);
    CHECK(dprintf(fd, "%s %d\n", "line", 1) == 7 && dprintf(fd, "second\n") == 7 && lseek(fd, 0, SEEK_SET) == 0);
    stream = fdopen(fd, "r+");
    CHECK(fileno(stream) == fd && getline(&line, &size, stream) == 7 && strcmp(line, "line 1\n") == 0);
    CHECK(getline(&line, &size, stream) == 7 && getline(&line, &size, stream) == -1 && feof(stream));
    fclose(stream);
    stream = fmemopen(buffer, sizeof(buffer), "w");
    CHECK(fputs("in memory", stream) >= 0 && fclose(stream) == 0 && strcmp(buffer, "in memory") == 0);
    stream = open_memstream(&memory, &size);
    CHECK(fprintf(stream, "%05d", 42) == 5 && fclose(stream) == 0 && size == 5 && strcmp(memory, "00042") == 0);
    free(memory);
    CHECK(isatty(1) == 0 && errno == ENOTTY && isatty(99) == 0 && errno == EBADF);
    strcpy(buffer, "/tmp/XXXXXX");
    CHECK_ERROR(mkstemp(buffer), EACCES);
    CHECK(truncate("/mnt/nothing", 0) == -1 && errno == ENOENT);
    CHECK_ERROR(remove("/mnt/nothing"), ENOENT);
    CHECK(Storage_DeleteMutableFile() == 0);
}

static void Maps(void)
{
    int fd = Storage_OpenFileInImagePackage("resources/greeting.txt");
    char* map = mmap(NULL, 14, PROT_READ, MAP_PRIVATE, fd, 0);
    CHECK(map != MAP_FAILED && memcmp(map, "hello, device\n", 14) == 0 && munmap(map, 14) == 0);
    CHECK(mmap(NULL, 14, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0) == MAP_FAILED && errno == ENOTSUP);
    CHECK(mmap(NULL, 0, PROT_READ, MAP_PRIVATE, fd, 0) == MAP_FAILED && errno == EINVAL);
    close(fd);
    CHECK(mmap(NULL, 14, PROT_READ, MAP_PRIVATE, fd, 0) == MAP_FAILED && errno == EBADF);
}

void Files(void)
{
    package = Storage_GetAbsolutePathInImagePackage("");
    Deleted();
    Positions();
    Sending();
    Status();
    Folders();
    Streams();
    Maps();
    free(package);
}
