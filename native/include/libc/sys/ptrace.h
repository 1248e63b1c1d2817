// ptrace(2): newer versions of Emscripten have no such header.
#ifndef SPHERE_IOT_SYS_PTRACE_H
#define SPHERE_IOT_SYS_PTRACE_H

#if __has_include_next(<sys/ptrace.h>)
#include_next <sys/ptrace.h>
#else

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define PTRACE_TRACEME 0
#define PTRACE_PEEKTEXT 1
#define PTRACE_PEEKDATA 2
#define PTRACE_POKETEXT 4
#define PTRACE_POKEDATA 5
#define PTRACE_CONT 7
#define PTRACE_KILL 8
#define PTRACE_SINGLESTEP 9
#define PTRACE_GETREGS 12
#define PTRACE_ATTACH 16
#define PTRACE_DETACH 17
#define PTRACE_SYSCALL 24

long ptrace(int request, ...);

#ifdef __cplusplus
}
#endif

#endif
#endif
