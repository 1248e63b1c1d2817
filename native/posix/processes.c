// There is one process, and it cannot make others.
#define _GNU_SOURCE
#include <errno.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "refuse.h"

#define ONE_PROCESS REFUSE(ENOSYS, "an app is one process, and cannot run programs")

pid_t fork(void)
{
    return ONE_PROCESS;
}

pid_t vfork(void)
{
    return ONE_PROCESS;
}

int execve(const char* path, char* const arguments[], char* const environment[])
{
    (void)path;
    (void)arguments;
    (void)environment;
    return ONE_PROCESS;
}

int posix_spawn(pid_t* restrict process, const char* restrict path, const posix_spawn_file_actions_t* actions,
                const posix_spawnattr_t* restrict attributes, char* const arguments[restrict],
                char* const environment[restrict])
{
    (void)process;
    (void)path;
    (void)actions;
    (void)attributes;
    (void)arguments;
    (void)environment;
    (void)ONE_PROCESS;
    return ENOSYS;
}

int posix_spawnp(pid_t* restrict process, const char* restrict file, const posix_spawn_file_actions_t* actions,
                 const posix_spawnattr_t* restrict attributes, char* const arguments[restrict],
                 char* const environment[restrict])
{
    (void)process;
    (void)file;
    (void)actions;
    (void)attributes;
    (void)arguments;
    (void)environment;
    (void)ONE_PROCESS;
    return ENOSYS;
}

FILE* popen(const char* command, const char* mode)
{
    (void)command;
    (void)mode;
    (void)ONE_PROCESS;
    return NULL;
}

int pclose(FILE* stream)
{
    (void)stream;
    errno = ECHILD;
    return -1;
}

// 0 for NULL: there is no shell.
int system(const char* command)
{
    return command == NULL ? 0 : ONE_PROCESS;
}

int daemon(int keep_folder, int keep_streams)
{
    (void)keep_folder;
    (void)keep_streams;
    return ONE_PROCESS;
}

// ---- no children: an answer that apps know

static pid_t no_child(void)
{
    errno = ECHILD;
    return -1;
}

pid_t wait(int* status)
{
    (void)status;
    return no_child();
}

pid_t waitpid(pid_t process, int* status, int options)
{
    (void)process;
    (void)status;
    (void)options;
    return no_child();
}

int waitid(idtype_t kind, id_t id, siginfo_t* info, int options)
{
    (void)kind;
    (void)id;
    (void)info;
    (void)options;
    return no_child();
}

pid_t wait3(int* status, int options, struct rusage* usage)
{
    (void)status;
    (void)options;
    (void)usage;
    return no_child();
}

pid_t wait4(pid_t process, int* status, int options, struct rusage* usage)
{
    (void)process;
    (void)status;
    (void)options;
    (void)usage;
    return no_child();
}
