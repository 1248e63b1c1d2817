// The C library under an app: what docs/posix.md says is there works, or is refused, or is missing, and there is nothing else.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { buildApp, SphereApp, type BuiltApp } from '../../src/app/index.js';
import { VirtualClock } from '../../src/clock/index.js';
import { HEADERS } from './apps/c-library/headers.js';
import { BUILD_TIME } from '../support/limits.js';
import { useFolder } from '../support/folder.js';
import { failuresOf, useApp, useBuiltApp, writeApp } from './harness.js';

const page = readFileSync(path.join(__dirname, '../../docs/posix.md'), 'utf8');

/** Links `main.c` with all libraries, and with those that `more` adds. */
function cmakeOf(more = ''): string {
  return `azsphere_configure_tools(TOOLS_REVISION "23.05")
azsphere_configure_api(TARGET_API_SET "16")
add_executable(app main.c)
target_link_libraries(app m applibs pthread gcc_s c)
${more}azsphere_target_add_image_package(app)`;
}

/** What has no address in C: the compiler makes it. */
const COMPILED = new Set(['alloca', 'setjmp', '_setjmp', 'longjmp', '_longjmp']);

/**
 * Functions of Emscripten that stand in for system calls and may be left in a program: a process's number, maps of translations, which
 * there are not, and what FILE streams ask in vain (whether they are terminals).
 */
const HARMLESS = new Set([
  '__syscall_ret',
  '__syscall_getpid',
  '__syscall_fcntl64',
  '__syscall_ioctl',
  // Of message catalogues, and there are none: dcngettext.
  ...['mmap2', 'munmap', 'fstat64', 'stat64', 'lstat64', 'newfstatat'].map((name) => `__syscall_${name}`),
]);
/** Ours. */
const OWN = new Set(['__syscall_open', '__syscall_openat', '__syscall_getdents64']);

/** Where those are that Emscripten, or a newer version of it, lacks. */
const LIBC = path.join(__dirname, '../../native/include/libc');
const INCLUDES = HEADERS.map((header) => `#include <${header}>\n`).join('');

/** Declared by newer C libraries than the device's, and not there. */
const NEWER = new Set(['preadv2', 'pthread_getname_np', 'pwritev2']);

const built = useBuiltApp('apps/c-library');
const suite = useApp(built);

const folder = useFolder();

/** The names of functions in a part of the page. */
function namesIn(part: string): string[] {
  const text = page.split(/^## /m).find((section) => section.startsWith(`${part}\n`)) ?? '';
  const list = text.split('\n').filter((line) => /^(- | {2})/.test(line));
  return [...new Set([...list.join('\n').matchAll(/`([a-zA-Z_]\w*)`/g)].map(([, name]) => name as string))];
}

/** The functions that musl's headers declare, out of what the compiler reads. */
function declaredFunctions(): string[] {
  const file = folder.file('headers.c');
  writeFileSync(file, `#define _GNU_SOURCE\n${INCLUDES}`);
  const text = execFileSync('emcc', ['-E', '-I', LIBC, file], { encoding: 'utf8', maxBuffer: Infinity });
  let own = false;
  let code = '';
  for (const line of text.split('\n')) {
    const [, from] = /^# \d+ "(.*?)"/.exec(line) ?? [];
    if (from !== undefined) own = HEADERS.some((header) => from.endsWith(`/${header}`));
    else if (own) code += `${line} `;
  }
  for (let before = ''; before !== code;) {
    before = code;
    code = code.replace(/\{[^{}]*\}/g, ';').replace(/__attribute__\s*\(\([^;]*?\)\)/g, '');
  }
  const names = code.split(';').flatMap((statement) => {
    // A function that returns a pointer to one has its name in the middle.
    const [, name] =
      /^[\w\s*]*\(\s*\*\s*(\w+)\s*\(/.exec(statement.trim()) ?? /^[\w\s*]*?\b(\w+)\s*\(/.exec(statement.trim()) ?? [];
    return name === undefined || /^\s*typedef\b/.test(statement) || name.startsWith('__') ? [] : [name];
  });
  return [...new Set(names)].filter((name) => !COMPILED.has(name)).sort();
}

/** Builds an app that has the addresses of functions, as their headers declare them. */
function buildWith(names: readonly string[]): Promise<BuiltApp> {
  const lines = [
    '#define _GNU_SOURCE',
    INCLUDES,
    'void (*volatile functions[])(void) = {',
    ...names.map((name) => `  (void (*)(void))${name},`),
    '};',
    'int main(void) { return functions[0] == 0; }',
    '',
  ];
  writeApp(folder.path, { 'main.c': lines.join('\n') }, cmakeOf());
  return buildApp(folder.path);
}

/** What a built program calls the functions that stand in for system calls: out of its section "name". */
function systemCalls(wasm: Uint8Array): string[] {
  const text = Buffer.from(wasm).toString('latin1');
  return [...text.matchAll(/([\s\S])(__syscall_\w+)/g)].map(([, length, name]) =>
    (name as string).slice(0, (length as string).charCodeAt(0)),
  );
}

test.each(['files', 'jumps', 'memory', 'system', 'time'])('%s', async (part) => {
  const app = await suite.launch(part);
  await app.exitCode;
  expect(failuresOf(app)).toEqual([]);
  expect(app.lines).toContain('done');
});

test('signals', async () => {
  const app = await suite.launch('signals');
  for (let i = 0; i < 3; i++) {
    await app.log(/^ask: send SIGUSR1$/);
    app.signal('SIGUSR1');
  }
  await suite.expectNoFailures();
});

// Without optimisation every signature is as in C, those with 64 bits among them.
test(
  'longjmp in a thread of its own, and in a debug build',
  async () => {
    const debug = await buildApp(path.join(__dirname, 'apps/c-library'), { debug: true });
    for (const [program, isolate] of [
      [built(), true],
      [debug, false],
      [debug, true],
    ] as const) {
      const app = await suite.launch('jumps', { isolate }, program);
      expect(await app.exitCode).toBe(0);
    }
  },
  BUILD_TIME,
);

test('syslog and warn write to the log, a system call that there is not is told once, and atexit is called', async () => {
  const app = await SphereApp.launch(built(), { clock: new VirtualClock(), args: ['system'] });
  await app.exitCode;
  const refused = (number: number): string =>
    expect.stringContaining(`[sphere-iot] syscall(${number}) fails with ENOSYS: `) as string;
  expect(app.lines).toEqual([
    refused(364),
    refused(-1),
    'sensor: 40 degrees',
    'app: no file: No such file or directory',
    'done',
    'atexit',
  ]);
  app.close();
});

test('what is refused fails with the errno that the page says, and the log names it once', async () => {
  const app = await SphereApp.launch(built(), { clock: new VirtualClock(), args: ['refused'] });
  await app.exitCode;
  const told = app.lines.flatMap(
    (line) => /^\[sphere-iot\] (\w+) fails with (E\w+): (.*)\.$/.exec(line)?.slice(1, 4) ?? [],
  );
  const lines = Array.from({ length: told.length / 3 }, (_, i) => told.slice(3 * i, 3 * i + 3).join(' '));
  const flat = page.replace(/\n {2}/g, ' ');
  const said = [...flat.matchAll(/^- `(E\w+)`, (.*?): (`.*)$/gm)].flatMap(([, error, why, names]) =>
    [...(names as string).matchAll(/`(\w+)`/g)].map(([, name]) => `${name} ${error} ${why}`),
  );
  expect(lines.sort()).toEqual(said.sort());
  expect(app.lines.filter((line) => line.startsWith('FAILED'))).toEqual([]);
  app.close();
});

test(
  'every function of the headers is there, or is on the page',
  async () => {
    const declared = declaredFunctions();
    expect(declared.length).toBeGreaterThan(1300);
    const error: Error = await buildWith(declared).then(
      () => new Error('It was built.'),
      (reason: unknown) => reason as Error,
    );
    const missing = [...error.message.matchAll(/undefined symbol: (\S+) \(called in main\.c\)/g)].map(
      ([, name]) => name as string,
    );
    expect(error.message.match(/^error: /gm)).toHaveLength(missing.length);
    // Newer releases of Emscripten have more.
    const listed = namesIn('Missing');
    expect(missing.filter((name) => !listed.includes(name) && !NEWER.has(name))).toEqual([]);
    if (execFileSync('emcc', ['--version'], { encoding: 'utf8' }).includes(' 3.1.6 '))
      expect(missing.sort()).toEqual(listed.sort());

    // Nothing of the rest comes down to a function that does nothing.
    const { wasm } = await buildWith(declared.filter((name) => !missing.includes(name)));
    const calls = systemCalls(wasm).filter((name) => !HARMLESS.has(name) && !OWN.has(name));
    expect(calls).toEqual([]);
  },
  BUILD_TIME,
);

test(
  'a missing function is told by the name that the app calls, with the file that calls it, also in a library of the app',
  async () => {
    const files = {
      // The C library's __dlsym asks JavaScript for _dlsym_js, which is not for the app to know; newer versions have it.
      'main.c':
        'void Watch(void);\nvoid *__dlsym(void *, void *, void *);\nint main(void) { Watch(); return __dlsym(0, 0, 0) == 0; }\n',
      'watch.c':
        'int inotify_init(void);\nint Elsewhere(unsigned long long);\nvoid Watch(void) { Elsewhere(inotify_init()); }\n',
    };
    writeApp(folder.path, files, cmakeOf('add_library(watch STATIC watch.c)\ntarget_link_libraries(app watch)\n'));
    const error: { code?: string; message?: string } = await buildApp(folder.path).then(
      () => ({}),
      (reason: unknown) => reason as Error,
    );
    expect(error.code).toBe('APP_BUILD_FAILED');
    expect(error.message?.split('\n')).toEqual(
      expect.arrayContaining([
        'error: undefined symbol: Elsewhere (called in watch.c)',
        'error: undefined symbol: inotify_init (called in watch.c)',
      ]),
    );
    expect(error.message).not.toContain('_dlsym_js');
    expect(error.message).toContain('docs/posix.md');
  },
  BUILD_TIME,
);
