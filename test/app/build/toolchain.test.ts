// What emcc runs is learned from emcc itself, once.
import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { findToolchain, type Run } from '../../../src/app/build/toolchain.js';

const LEARNING_TIME = 120_000;
let folder: string;
let kit: string;
const cacheHome = process.env.XDG_CACHE_HOME;

const run: Run = async (command, args) => {
  const { stdout, stderr } = await promisify(execFile)(command, args);
  return stdout + stderr;
};

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'sphere-iot-'));
  kit = path.join(folder, 'kit');
  mkdirSync(path.join(kit, 'cmake'), { recursive: true });
  const switches = 'native/cmake/package/link-switches.txt';
  cpSync(path.join(__dirname, '../../..', switches), path.join(kit, 'cmake/link-switches.txt'));
  process.env.XDG_CACHE_HOME = path.join(folder, 'cache');
});

afterEach(() => {
  rmSync(folder, { recursive: true });
  if (cacheHome === undefined) delete process.env.XDG_CACHE_HOME;
  else process.env.XDG_CACHE_HOME = cacheHome;
});

test(
  'the compiler and the linker themselves; a kit that cannot be written leaves it to the cache folder of the user',
  async () => {
    // Nobody writes a file where a folder is, root neither.
    mkdirSync(path.join(kit, 'toolchain.json'));
    const toolchain = await findToolchain(kit, run);
    expect(toolchain.c[0]).toMatch(/\/clang[^/]*$/);
    expect(toolchain.cxx[0]).toMatch(/\/clang[^/]*$/);
    expect(toolchain.link?.before[0]).toMatch(/\/wasm-ld[^/]*$/);
    expect(toolchain.link?.behind).toContain('--global-base=4096');
    expect(toolchain.link?.behind.some((word) => word.endsWith('/libc.a'))).toBe(true);
    expect(readdirSync(path.join(folder, 'cache/sphere-iot'))).toEqual(['toolchain.json']);
    const asked: Run = (command) => Promise.reject(new Error(`${command} was run.`));
    expect(await findToolchain(kit, asked)).toEqual(toolchain);
  },
  LEARNING_TIME,
);

test(
  'an emcc that does not show what it runs, and one whose commands do not work alone, are run themselves',
  async () => {
    const silent: Run = async (command, args) => {
      const said = await run(command, args);
      return args.length > 1 ? '' : said;
    };
    const { emcc, emxx } = await findToolchain(kit, silent);
    expect(await findToolchain(kit, silent)).toMatchObject({ c: [emcc], cxx: [emxx] });
    rmSync(path.join(kit, 'toolchain.json'));
    const failing: Run = (command, args) =>
      /\/wasm-ld[^/]*$/.test(command) ? Promise.reject(new Error('It needs a plug-in.')) : run(command, args);
    const toolchain = await findToolchain(kit, failing);
    expect(toolchain).toMatchObject({ c: [emcc], cxx: [emxx] });
    expect(toolchain).not.toHaveProperty('link');
  },
  LEARNING_TIME,
);
