import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { buildApp, SphereApp, type BuiltApp } from '../../../src/app/index.js';
import { signatureMismatchesIn } from '../../../src/app/build/tool-messages.js';
import { VirtualClock } from '../../../src/clock/index.js';

const folder = path.join(__dirname, '../apps/cases/wrong-signature');
const DECLARED = 'Measure is (i32) -> void in main.c and (i32, f64) -> i32 in measure.c: a call of it crashes';

/** How a part of the app crashes. */
async function crashOf(built: BuiltApp, part: string, isolate = false): Promise<string> {
  const app = await SphereApp.launch(built, { clock: new VirtualClock(), args: [part], isolate });
  try {
    const error = (await app.exitCode.catch((thrown: unknown) => thrown)) as { code: string; message: string };
    expect(error).toMatchObject({ code: 'APP_CRASHED' });
    return error.message;
  } finally {
    app.close();
  }
}

describe.each([false, true])('a function that is called as what it is not (debug: %p)', (debug) => {
  let built: BuiltApp;

  beforeAll(async () => {
    built = await buildApp(folder, { debug });
  });

  test('is told by the build, if a declaration is wrong, also when nothing is linked anew', async () => {
    const again = await buildApp(folder, { debug });
    for (const { warnings } of [built, again]) expect(warnings).toEqual([expect.stringContaining(DECLARED)]);
  });

  test.each(['pointer', 'null'])('crashes by a %s pointer, which is explained', async (part) => {
    expect(await crashOf(built, part)).toMatch(
      /function signature mismatch\. It called through a function pointer that is null, or whose type is not that/,
    );
  });

  test.each([false, true])('crashes by a wrong declaration, with its name (isolated: %p)', async (isolate) => {
    const message = await crashOf(built, 'declaration', isolate);
    if (debug) expect(message).toContain('CallMeasure (main.c:24)');
    // Whether an optimised program still has the name is up to the toolchain.
    const told = debug
      ? /It called Measure by a declaration/
      : /It called Measure by a declaration|That may be why: Measure is/;
    expect(message).toMatch(told);
  });
});

test('a build that links nothing says nothing of signatures, one that links without a mismatch has none', () => {
  expect(signatureMismatchesIn('ninja: no work to do.\n')).toBeUndefined();
  expect(signatureMismatchesIn('[1/2] Linking C executable small.wasm\n[2/2] Generating app.wasm\n')).toEqual([]);
});

test('a function of a library that is called without its header is told with the header', () => {
  const mismatch = (name: string, library: string): string =>
    `[1/2] Linking C executable small.wasm\nwasm-ld: warning: function signature mismatch: ${name}\n` +
    `>>> defined as () -> i32 in CMakeFiles/small.dir/main.c.o\n>>> defined as () -> f64 in ${library}\n`;
  expect(signatureMismatchesIn(mismatch('drand48', '/kit/app/lib/libc.a(drand48.o)'))).toEqual([
    "drand48 is () -> i32 in main.c and () -> f64 in sphere-iot's libc: a call of it crashes, where they are not the same. " +
      'Include <stdlib.h> after #define _GNU_SOURCE, which declares it.',
  ]);
  expect(signatureMismatchesIn(mismatch('strtod', '/kit/app/lib/libc.a(strtod.o)'))).toEqual([
    expect.stringContaining('Include the header that declares it.'),
  ]);
});

test('a build tells the header of a function that is called without a declaration', async () => {
  const app = mkdtempSync(path.join(tmpdir(), 'sphere-undeclared-'));
  try {
    for (const name of ['CMakeLists.txt', 'app_manifest.json']) cpSync(path.join(folder, name), path.join(app, name));
    const lists = readFileSync(path.join(app, 'CMakeLists.txt'), 'utf8');
    writeFileSync(path.join(app, 'CMakeLists.txt'), lists.replace(/ measure\.c/, ''));
    writeFileSync(
      path.join(app, 'main.c'),
      '#include <stdlib.h>\n#include <unistd.h>\nint main(void) { return (int)drand48() + (syscall(20) == getpid() ? 0 : 1); }\n',
    );
    const { warnings } = await buildApp(app);
    expect(warnings).toEqual([
      expect.stringMatching(/^drand48 is .* in sphere-iot's libc: .*Include <stdlib\.h> after/),
      expect.stringMatching(/^main\.c:3:30: .*'drand48'.*\[-Wimplicit-function-declaration\]/),
    ]);
  } finally {
    rmSync(app, { recursive: true });
  }
});
