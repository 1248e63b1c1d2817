import { buildApp, SphereApp } from '../../../src/app/index.js';
import { VirtualClock } from '../../../src/clock/index.js';
import { BUILD_TIME } from '../../support/limits.js';
import { useFolder } from '../../support/folder.js';
import { writeApp } from '../harness.js';

interface Case {
  /** What an app does that the device's compiler and linker accept. */
  readonly what: string;
  readonly files: Readonly<Record<string, string>>;
  /** More of CMakeLists.txt; `add_executable(app SOURCES)` stands before it. Default: only the link. */
  readonly cmake?: string;
  /** The lines that the app writes. */
  readonly lines?: readonly string[];
  /** Default 0. */
  readonly exitCode?: number;
}

const LINK = 'target_link_libraries(app applibs pthread gcc_s c)';

const CASES: readonly Case[] = [
  {
    what: 'a variable without a value in a header that two files include',
    files: {
      'main.c': '#include "shared.h"\nint main(void) { touch(); return level - 1 + (&level != place()); }\n',
      'other.c': '#include "shared.h"\nvoid touch(void) { level++; }\nint* place(void) { return &level; }\n',
      'shared.h': 'int level;\nvoid touch(void);\nint* place(void);\n',
    },
  },
  {
    what: 'of two such variables the larger one, and the one with a value',
    files: {
      'main.c':
        'char room[4];\nint start;\nint guard[2];\nint fill(void);\nint main(void) { return fill() + guard[0] + guard[1] + start - 7; }\n',
      'other.c':
        '#include <string.h>\nchar room[64];\nint start = 7;\nint guard[2];\nint fill(void) { memset(room, 1, sizeof(room)); return 0; }\n',
    },
  },
  {
    what: 'such a variable in a static library',
    files: {
      'main.c': 'int level;\nvoid touch(void);\nint main(void) { touch(); return level - 1; }\n',
      'library.c': 'int level;\nint spare;\nvoid touch(void) { level++; }\n',
    },
    cmake: 'add_library(library STATIC library.c)\ntarget_link_libraries(app applibs c library)',
  },
  {
    what: 'returns without a value, and with one too many',
    files: {
      'main.c':
        'static int f(int x) { if (x) return; return 0; }\nstatic void g(void) { return 1; }\nint main(void) { g(); return f(0); }\n',
    },
  },
  {
    what: 'a main that returns nothing',
    files: { 'main.c': '#include <applibs/log.h>\nvoid main(void) { Log_Debug("done\\n"); }\n' },
    lines: ['done'],
  },
  {
    what: 'a main with arguments that returns nothing',
    files: {
      'main.c':
        '#include <applibs/log.h>\nvoid main(int argc, char* argv[]) { Log_Debug("%d %d\\n", argc, argv[argc] == 0); }\n',
    },
    lines: ['1 1'],
  },
  ...(
    [
      ['returns a long', 'long main(void) { Log_Debug("here\\n"); return 3; }', 3],
      [
        'returns a bool',
        '#include <stdbool.h>\nbool main(int argc, char** argv) { Log_Debug("here\\n"); return argc; }',
        1,
      ],
      ['returns an unsigned int', 'unsigned int main() { Log_Debug("here\\n"); return 3; }', 3],
      [
        'returns an enumeration',
        'typedef enum { Good, Bad = 3 } Code;\nCode main(void) { Log_Debug("here\\n"); return Bad; }',
        3,
      ],
      [
        'returns a type of its own',
        'typedef unsigned char small;\nsmall main(int argc, char* argv[]) { Log_Debug("here\\n"); return argc + 2; }',
        3,
      ],
      [
        'has its parameters declared behind them',
        'main(argc, argv)\nint argc;\nchar** argv;\n{ Log_Debug("here\\n"); return argc + 2; }',
        3,
      ],
      ['has one parameter', 'int main(int count) { Log_Debug("here\\n"); return count + 1; }', 2],
      [
        'has three parameters',
        'int main(int argc, char* argv[], char* envp[]) { Log_Debug("here\\n"); return argc == 1 && !argv[1] && !envp[0] ? 3 : 4; }',
        3,
      ],
      [
        'has three parameters on lines of their own, and returns nothing',
        'void main(int argc, // how many\n  const char* const* argv,\n  char** envp)\n{ Log_Debug(*argv && !*envp ? "here\\n" : "?\\n"); }',
        0,
      ],
      [
        'is like one with three in a comment only',
        '// int main(a, b, c) {\nint main(void) { Log_Debug("here\\n"); return 3; }',
        3,
      ],
    ] as const
  ).map(([what, main, exitCode]) => ({
    what: `a main that ${what}`,
    files: { 'main.c': `#include <applibs/log.h>\n${main}\n` },
    lines: ['here'],
    exitCode,
  })),
  {
    what: 'a file of assembler',
    files: {
      'main.c': 'int main(void) { return 0; }\n',
      'other.S': '#ifndef __ASSEMBLER__\n#error C\n#endif\n.section .data.word,"",@\nword:\n.int32 1\n.size word, 4\n',
    },
    cmake: `enable_language(ASM)\ntarget_sources(app PRIVATE other.S)\n${LINK}`,
  },
  {
    what: "the names of the device's system",
    files: {
      'main.c':
        '#if !defined(__linux__) || !defined(__unix__) || defined(linux) || defined(unix)\n#error other names\n#endif\nint main(void) { int unix = 0; return unix; }\n',
      'other.cpp':
        '#include <atomic>\n#include <string>\n#ifndef __linux__\n#error other names\n#endif\nstd::string name("x");\n',
    },
  },
  {
    what: 'functions that nothing declares, and pointers and integers that stand for each other',
    files: {
      'main.c':
        '#include <stddef.h>\nstatic int three(int* a, int b) { (void)a; return b; }\nstatic int x;\nmain() {\n  int (*call)(char*, int) = three;\n  int address = &x;\n  int* back = address;\n  char* text = malloc(4);\n  free(text);\n  return call(NULL, 0) + twice(0) + (back != &x);\n}\n',
      'other.c': 'int twice(int x) { return 2 * x; }\n',
    },
  },
  {
    what: '-Wall -Wextra -Werror: what only clang minds, and what only a newer SDK has',
    files: {
      'main.c': `#include <iothub_device_client_ll.h>
#include <stdlib.h>
static const char* name(IOTHUB_CLIENT_CONNECTION_STATUS_REASON reason) {
  switch (reason) {
    case IOTHUB_CLIENT_CONNECTION_OK: return "ok";
    case IOTHUB_CLIENT_CONNECTION_NO_NETWORK: return "no network";
  }
  return "another";
}
static IOTHUBMESSAGE_DISPOSITION_RESULT got(IOTHUB_MESSAGE_HANDLE message, void* context) {
  (void)message; (void)context;
  return IOTHUB_MESSAGE_OK;
}
int main(void) {
  int numbers[3] = { 0 };
  char c = 'x';
  struct { int a; struct { int b; } in; } nested = { 0 };
  unsigned char* bytes = "text";
  return abs(numbers[0]) + (name(IOTHUB_CLIENT_CONNECTION_OK)[0] != 'o') + (got(NULL, NULL) != IOTHUBMESSAGE_ACCEPTED) + (c == c ? 0 : 1) + nested.in.b + (bytes[0] != 't');
}
`,
    },
    cmake: `target_compile_options(app PRIVATE -Wall -Wextra -Werror)\n${LINK}`,
  },
  {
    what: 'a function of its own with the name and another type than a library of the device has it',
    files: {
      'main.c':
        '#include <applibs/log.h>\n#include <time.h>\n#include <unistd.h>\nvoid usleep(long us);\nint main(void) { usleep(1000); Log_Debug("slept\\n"); sleep(1); return 0; }\n',
      'delay.c':
        '#include <time.h>\nvoid usleep(long us) { struct timespec t = { 0, us * 1000 }; nanosleep(&t, 0); }\n',
    },
    cmake: 'add_library(delay STATIC delay.c)\ntarget_link_libraries(app applibs pthread gcc_s c delay)',
    lines: ['slept'],
  },
  {
    what: 'its own Log_Debug, which ours do not call',
    files: {
      'main.c': `#include <applibs/log.h>
#include <stdarg.h>
#include <stdlib.h>
static int calls = 0;
int Log_Debug(const char* format, ...) {
  va_list arguments;
  int result;
  calls++;
  Log_DebugVarArgs("own: ", arguments);
  va_start(arguments, format);
  result = Log_DebugVarArgs(format, arguments);
  va_end(arguments);
  return result;
}
int main(void) { Log_Debug("%d\\n", 7); return calls - 1; }
`,
    },
    lines: ['own: 7'],
  },
  {
    what: 'its own functions with names of the C library, which the C library does not call; its own variables with such names',
    files: {
      'main.c': `#include <stdio.h>
#include <stdlib.h>
#include <applibs/log.h>
int index = 3;
float y1 = 0.5f;
long strlen(void) { abort(); }
void* memchr(int a, int b) { (void)a; (void)b; abort(); }
int write(void) { abort(); }
int nanosleep(void) { abort(); }
int usleep(unsigned);
int main(void) {
  char text[16];
  usleep(1000);
  printf("%s %d\\n", "text", index);
  snprintf(text, sizeof(text), "%.3s", "abcdef");
  Log_Debug("%s %g\\n", text, (double)y1);
  return 0;
}
`,
    },
    cmake: `target_compile_options(app PRIVATE -fno-builtin)\n${LINK}`,
    lines: ['text 3', 'abc 0.5'],
  },
  {
    what: 'its own strtol, atoi, atol and atoll, called with constants, and through pointers',
    files: {
      'main.c': `#include <stdlib.h>
#include <applibs/log.h>
int in_library(void);
int main(void) {
  int (*volatile call)(const char*) = atoi;
  Log_Debug("%ld %d %ld %lld %d %d\\n", strtol("5", NULL, 10), atoi("5"), atol("5"), atoll("5"), call("6"), in_library());
  return 0;
}
`,
      'own.c': `#include <stdlib.h>
long strtol(const char* text, char** end, int base) { (void)end; return text[0] + base; }
int atoi(const char* text) { return text[0] + 1; }
long atol(const char* text) { return text[0] + 2; }
`,
      'more.cpp':
        '#include <cstdlib>\nextern "C" long long atoll(const char* text) { return text[0] + std::atoi("5") + std::atol("5"); }\n',
      'library.c': '#include <stdlib.h>\nint in_library(void) { return atoi("7"); }\n',
    },
    cmake: 'add_library(library STATIC library.c)\ntarget_link_libraries(app applibs c library)',
    lines: ['63 54 55 162 55 56'],
  },
  {
    what: "the C library's atoi, and one that only a file knows",
    files: {
      'main.c':
        '#include <stdlib.h>\n#include <applibs/log.h>\nint other(void);\nint main(void) { char text[] = "41"; return atoi("1") + atoi(text) + other() - 45; }\n',
      'other.c': 'static int atoi(const char* text) { return text[0] - 48; }\nint other(void) { return atoi("3"); }\n',
    },
  },
  {
    what: 'an app that counts its own allocations with --wrap, and only those',
    files: {
      'main.c': `#include <applibs/eventloop.h>
#include <stdlib.h>
#include <string.h>
static int calls = 0;
void* __real_malloc(size_t size);
void __real_free(void* memory);
void* __wrap_malloc(size_t size) { calls++; return __real_malloc(size); }
void __wrap_free(void* memory) { calls += 100; __real_free(memory); }
int main(void) {
  EventLoop* loop = EventLoop_Create();
  char* copy = strdup("text");
  void* volatile memory = malloc(10);
  free(memory);
  EventLoop_Close(loop);
  return copy[0] == 't' ? calls - 101 : 1;
}
`,
    },
    cmake: `target_link_options(app PRIVATE -Wl,--wrap=malloc -Wl,--wrap=free)\n${LINK}`,
  },
  {
    what: "errno with Linux's numbers, wherever it was set, and in texts",
    files: {
      'main.c': `#include <applibs/log.h>
#include <applibs/gpio.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
int main(void) {
  int result = read(77, NULL, 0);
  Log_Debug("%d %d %s\\n", result, errno, strerror(errno));
  errno = 0;
  strtol("99999999999999999999", NULL, 10);
  Log_Debug("%d %s\\n", errno, strerror(errno));
  fopen("/nowhere", "r");
  Log_Debug("%d %m\\n", errno);
  GPIO_OpenAsInput(3);
  perror("gpio");
  errno = 11;
  printf("%m\\n");
  fflush(stdout);
  Log_Debug("%d %s %s\\n", errno, strerror(110), strerror(4000));
  void* memory;
  Log_Debug("%d\\n", posix_memalign(&memory, 3, 8));
  return EINVAL - 22 + ENOTSUP - 95 + EINPROGRESS - 115;
}
`,
    },
    lines: [
      '-1 9 Bad file descriptor',
      '34 Result not representable',
      '2 No such file or directory',
      "[sphere-iot] The manifest's capability Gpio does not list 3: opening it fails with EACCES.",
      'gpio: Permission denied',
      'Resource temporarily unavailable',
      '11 Operation timed out No error information',
      '22',
    ],
  },
  {
    what: 'texts of errors in an app that sets a locale',
    files: {
      'main.c': `#include <applibs/log.h>
#include <errno.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>
int main(void) {
  Log_Debug("%s\\n", strerror(2));
  Log_Debug("%d\\n", setlocale(LC_ALL, "") != NULL);
  errno = EAGAIN;
  Log_Debug("%s, %m\\n", strerror(2));
  locale_t own = newlocale(LC_ALL_MASK, "C", NULL);
  uselocale(own);
  Log_Debug("%s, %s\\n", strerror(110), strerror_l(2, own));
  return 0;
}
`,
    },
    cmake: `target_compile_definitions(app PRIVATE _GNU_SOURCE)\n${LINK}`,
    lines: [
      'No such file or directory',
      '1',
      'No such file or directory, Resource temporarily unavailable',
      'Operation timed out, No such file or directory',
    ],
  },
  {
    what: 'files of devices, and one that is not there',
    files: {
      'main.c': `#include <applibs/log.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
int main(void) {
  unsigned char bytes[3][32];
  FILE* random = fopen("/dev/urandom", "rb");
  int fd = open("/dev/random", O_RDONLY | O_CLOEXEC);
  int null = open("/dev/null", O_RDWR);
  int zero = open("/dev/zero", O_RDONLY);
  Log_Debug("%d %d\\n", (int)fread(bytes[0], 1, 32, random), (int)read(fd, bytes[1], 32));
  fclose(random);
  Log_Debug("%d %d %d\\n", memcmp(bytes[0], bytes[1], 32) != 0, (int)read(null, bytes, 1), (int)write(null, bytes, 5));
  int count = (int)read(zero, bytes[2], 32);
  Log_Debug("%d %d\\n", count, bytes[2][0] + bytes[2][31]);
  int missing = open("/proc/meminfo", O_RDONLY);
  Log_Debug("%d %d\\n", missing, errno == ENOENT);
  return close(null) + close(zero) + close(fd);
}
`,
    },
    lines: [
      '32 32',
      '1 0 5',
      '32 0',
      '[sphere-iot] There are no files of the system: opening /proc/meminfo fails with ENOENT.',
      '-1 1',
    ],
  },
  {
    what: 'asserts, which hold',
    files: {
      'main.c': `#include <applibs/log.h>
#include <assert.h>
#include <signal.h>
#include <unistd.h>
static void aborted(int number) { (void)number; _exit(7); }
int main(int count, char** names) { (void)names; signal(SIGABRT, aborted); assert(count == 2); return 0; }
`,
      'other.cpp': '#ifdef NDEBUG\n#error asserts are off\n#endif\n',
    },
    lines: [expect.stringContaining('count == 2') as unknown as string],
    exitCode: 7,
  },
  {
    what: "commands of the SDK's command line after the build, and headers of the kernel that are the C library's",
    files: {
      'main.c': `#include <asm/types.h>
#include <linux/if.h>
#include <linux/in.h>
#include <linux/limits.h>
#include <linux/types.h>
int main(void) { __u8 small = (__u8)256; return small + (int)sizeof(__be32) - 4 + (PATH_MAX < 256) + (IF_NAMESIZE - 16); }
`,
    },
    cmake: `add_custom_command(TARGET app POST_BUILD COMMAND azsphere show-version COMMAND azsphere image show --image app.imagepackage)\n${LINK}`,
  },
  {
    what: 'the types of ARM: size_t is unsigned int, ssize_t int, char unsigned',
    files: {
      'main.c': `#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/types.h>
ssize_t length(size_t n);
int length(unsigned int n) { return (int)n; }
ptrdiff_t distance(void);
int distance(void) { return 0; }
unsigned int strlen(const char* text);
int main(void) { char c = (char)200; printf("%d %u %zu\\n", c > 0, sizeof(size_t), strlen("four")); return length(0); }
`,
    },
    lines: ['1 4 4'],
  },
  {
    what: "C++: ssize_t is int, operator new takes the device's size",
    files: {
      'main.cpp': `#include <cstdlib>
#include <new>
#include <string>
#include <sys/types.h>
#include <vector>
#include <applibs/log.h>
static int calls = 0;
void* operator new(unsigned int size) { calls++; return malloc(size); }
void* operator new[](unsigned int size) { calls++; return malloc(size); }
void operator delete(void* memory) noexcept { free(memory); }
void operator delete(void* memory, unsigned int) noexcept { free(memory); }
void operator delete[](void* memory) noexcept { free(memory); }
struct S { ssize_t f(); };
int S::f() { return 0; }
int main() {
  int* volatile one = new int(5);
  std::string text(40, 'x');
  std::vector<int> numbers{1, 2, 3};
  Log_Debug("%d %s %d\\n", *one, text.c_str(), calls >= 2);
  delete one;
  return S().f();
}
`,
    },
    lines: [`5 ${'x'.repeat(40)} 1`],
  },
  {
    what: 'C++: what an app defines of std, and headers of the C++ library that it brings along, since the device has none',
    files: {
      'main.cpp': `#include <math.h>
#include <string.h>
#include <azureiot/iothub_device_client_ll.h>
#include "traits.hh"
template <typename T, typename std::enable_if<(sizeof(T) > 1), T>::type* = nullptr>
int digits(T value) { return value < T(10) ? 1 : 1 + digits<T>(value / T(10)); }
int main() { Log_Debug("%d %d\\n", digits(1234), own::length("four") + BROUGHT_ALONG); return 0; }
`,
      'traits.hh': `#pragma once
#include <cstring>
#include <applibs/log.h>
namespace std {
template <bool, typename T = void> struct enable_if {};
template <typename T> struct enable_if<true, T> { typedef T type; };
}
namespace own { inline int length(const char* text) { return static_cast<int>(strlen(text)); } }
`,
      'compat/cstring': '#include <string.h>\n#define BROUGHT_ALONG 1\n',
    },
    cmake: 'target_include_directories(app PRIVATE compat)\ntarget_link_libraries(app azureiot applibs c)',
    lines: ['4 5'],
  },
  {
    what: 'C++: what gcc only warns of, in lists, literals and declarations',
    files: {
      'main.cpp': `#include <stdint.h>
#include <applibs/log.h>
#define UNIT "mV"
struct Pair { uint8_t first, second; };
int main(int count, char**) {
  unsigned int large = 300;
  uint8_t frame[] = { count, large };
  Pair pair = { count, large };
  float share[] = { count, 0.5 };
  Log_Debug("%d %d %d "UNIT"\\n", frame[1], pair.second, (int)share[0]);
  return 0;
}
`,
    },
    lines: ['44 44 1 mV'],
  },
  {
    what: "wolfSSL: an app's own settings, which its headers read, and a call of its own that the device's wolfSSL lacks",
    files: {
      'main.c': `#include <wolfssl/wolfcrypt/settings.h>
#include <wolfssl/ssl.h>
int wolfSSL_SetCertCbCtx(WOLFSSL* ssl, void* context) { return wolfSSL_set_fd(ssl, *(int*)context); }
int main(void) { int fd = 3; PRINT("%d %d", wolfSSL_SetCertCbCtx(NULL, &fd) != WOLFSSL_SUCCESS, LIMIT); return 0; }
`,
      'user_settings.h': '#include <applibs/log.h>\n#define PRINT Log_Debug\n#define LIMIT 7\n#define HAVE_ECC 1\n',
    },
    cmake:
      'target_include_directories(app PRIVATE .)\nadd_compile_definitions(WOLFSSL_USER_SETTINGS __linux__)\ntarget_link_libraries(app applibs wolfssl c)',
    lines: ['1 7'],
  },
  {
    what: "headers with include guards that the SDK's have too",
    files: {
      'main.c':
        '#include "map.h"\n#include <iothub_device_client_ll.h>\n#include "list.h"\nint main(void) { my_map map = { 0 }; my_list list = { 0 }; return map.n + list.n; }\n',
      'map.h': '#ifndef MAP_H\n#define MAP_H\ntypedef struct { int n; } my_map;\n#endif\n',
      'list.h':
        '#ifndef MAP_H\ntypedef struct { int n; } my_list;\n#else\ntypedef struct { int n; } my_list;\n#endif\n',
    },
    cmake: 'target_link_libraries(app azureiot applibs c)',
  },
  {
    what: 'fcntl and ioctl without a third argument, and a handler of SIGABRT',
    files: {
      'main.c': `#include <applibs/log.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>
static void aborted(int number) { (void)number; Log_Debug("aborted\\n"); _exit(0); }
int main(void) {
  int fd = socket(AF_INET, SOCK_STREAM, 0);
  Log_Debug("%d %d\\n", fcntl(fd, F_GETFL) == O_RDWR, fcntl(fd, F_GETFD));
  signal(SIGABRT, aborted);
  abort();
}
`,
    },
    lines: ['1 0', 'aborted'],
  },
  {
    what: "CMake's checks, a suffix of its own, and a header for versions that it does not bring along",
    files: {
      'main.c': '#include "applibs_versions.h"\nint main(void) { return HAS_GPIO - 1; }\n',
    },
    cmake: `include(CheckIncludeFile)
check_include_file(applibs/gpio.h HAS_GPIO)
target_compile_definitions(app PRIVATE HAS_GPIO=\${HAS_GPIO})
set_target_properties(app PROPERTIES SUFFIX .out)
${LINK}`,
  },
  {
    what: "switches that the device's gcc and linker have, and clang has not",
    files: {
      'main.c':
        '#include <string.h>\nint main(int count, char** names) { char text[64]; strncpy(text, names[0], 63); return text[0] != 47; }\n',
    },
    cmake: `target_compile_options(app PRIVATE -mcpu=cortex-a7 -mfpu=neon -Og -fanalyzer -fstack-protector-strong -flto)
set(CMAKE_C_FLAGS "\${CMAKE_C_FLAGS} -mthumb -Ofast -fdump-tree-all")
target_link_options(app PRIVATE -flto -nodefaultlibs -Wl,--no-undefined -Wl,-Map=app.map -Wl,--gc-sections)\n${LINK}`,
  },
];

const folder = useFolder();

test.each(CASES)(
  '$what',
  async ({ files, cmake = LINK, lines = [], exitCode = 0 }) => {
    const sources = Object.keys(files).filter((name) => /\.c(pp)?$/.test(name) && !cmake.includes(name));
    const target = `add_executable(app ${sources.join(' ')})`;
    writeApp(folder.path, files, `${target}\n${cmake}\nazsphere_target_add_image_package(app)`, 'C CXX');
    const app = await SphereApp.launch(await buildApp(folder.path), { clock: new VirtualClock() });
    const code = await app.exitCode;
    expect([...app.lines]).toEqual(lines);
    expect(code).toBe(exitCode);
    app.close();
  },
  BUILD_TIME,
);
