// Every command with what can be wrong about its arguments, options, files, folders and ports. Each answer is one line of JSON
// with a code of ours, and names what is wrong.
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';

import type { Command } from 'commander';

import { buildApp } from '../../src/app/index.js';
import type { CliIo } from '../../src/cli/io.js';
import { errorOf } from '../../src/cli/own-error.js';
import { program } from '../../src/cli/program.js';
import { cli } from './support.js';

const BUILD_TIME = 180_000;
const root = path.join(__dirname, '../..');
const NOBODY = 65_534;
/** Bytes: more than a string can have. */
const HUGE = 700_000_000;

/** What a command is given. The files of `FILES` are in a folder of their own, where the text begins with `@`. */
interface Spec {
  /** All that it needs, but `--json`. */
  readonly valid: readonly string[];
  /** Options (or `<argument>`) that name a file which is read, and what is said of one that is malformed. */
  readonly reads?: Readonly<Record<string, string>>;
  /** Options (or `<argument>`) that name a folder, and what is said where it is not there, and where a file is. */
  readonly folders?: Readonly<Record<string, readonly [missing: string, file: string]>>;
  /** Options that name a file which is written. */
  readonly writes?: Readonly<Record<string, string>>;
  /** Options with values that are wrong. */
  readonly values?: Readonly<Record<string, readonly string[]>>;
}

const catalog = ['--dir', '@catalog'];
const CATALOG_FOLDERS = { '--dir': ['CATALOG_FOLDER_NOT_FOUND', 'FILE_NO_FOLDER'] } as const;
const PASSPHRASE = { '--passphrase-file': '' };
const DOWNLOAD = { reads: PASSPHRASE, folders: CATALOG_FOLDERS } as const;
const BUILD = {
  folders: { '<0>': ['APP_NOT_FOUND', 'APP_'], '--hardware-definitions': ['', ''] },
  values: { '--cmake-option': ['LEVEL'] },
} as const;

const SPECS: Readonly<Record<string, Spec>> = {
  'catalog create': {
    valid: ['--dir', '@new'],
    reads: PASSPHRASE,
    values: { '--leaf-validity': ['soon', '5'], '--ca-validity': ['-1d'], '--device-id-case': ['Title'] },
  },
  'catalog show': { valid: catalog, reads: PASSPHRASE, folders: CATALOG_FOLDERS },
  'catalog download': { valid: [...catalog, '-o', '@a.cer'], ...DOWNLOAD, writes: { '--output-file': '.cer' } },
  'catalog download-chain': { valid: [...catalog, '-o', '@a.p7b'], ...DOWNLOAD, writes: { '--output-file': '.p7b' } },
  'catalog download-proof': {
    valid: [...catalog, '--verification-code', 'A1', '-o', '@b.cer'],
    ...DOWNLOAD,
    writes: { '--output-file': '.cer' },
  },
  'catalog roll': { valid: catalog, reads: PASSPHRASE, folders: CATALOG_FOLDERS },
  'device claim': { valid: catalog, reads: PASSPHRASE, folders: CATALOG_FOLDERS },
  'device attest': { valid: ['@id', ...catalog], reads: PASSPHRASE, folders: CATALOG_FOLDERS },
  'device refuse': {
    valid: ['@id', ...catalog],
    reads: PASSPHRASE,
    folders: CATALOG_FOLDERS,
    values: { '--reason': ['because'] },
  },
  'device show': { valid: ['@id', ...catalog], reads: PASSPHRASE, folders: CATALOG_FOLDERS },
  'device list': { valid: catalog, reads: PASSPHRASE, folders: CATALOG_FOLDERS },
  'device connect': {
    valid: ['--chain', '@chain.pem', '--key', '@key.pem', '--hub', 'contoso.azure-devices.net', '--timeout', '5s'],
    reads: {
      '--chain': 'CERTIFICATE_NOT_PEM',
      '--key': 'KEY_',
      '--passphrase-file': '',
      '--trust-roots': 'CERTIFICATE_NOT_PEM',
    },
    values: {
      '--timeout': ['never'],
      '--endpoint': ['contoso', 'a:1=b', 'a:70000=b:1', 'a:1=b:70000'],
      '--protocol': ['amqp'],
    },
  },
  explain: { valid: ['TIMED_OUT'] },
  emulate: {
    valid: ['--trust-roots', '@roots.pem'],
    reads: { '--ca': 'CERTIFICATE_NOT_PEM' },
    folders: { '--catalog': ['CATALOG_FOLDER_NOT_FOUND', 'FILE_NO_FOLDER'], '--state': ['', 'FILE_NO_FOLDER'] },
    writes: { '--trust-roots': '.pem' },
    values: {
      '--port': ['70000', '-1', 'http', '1.5'],
      '--partitions': ['0', '33', '-1', '1.5', 'four'],
      '--consumer-group': ['-a', 'a b', 'a/b', `a${'b'.repeat(50)}`],
    },
  },
  'cert inspect': {
    valid: ['@chain.pem'],
    reads: {
      '<0>': 'CERTIFICATE_NOT_PEM',
      '--ca': 'CERTIFICATE_NOT_PEM',
      '--unverified-ca': 'CERTIFICATE_NOT_PEM',
    },
    values: { '--at': ['tomorrow'] },
  },
  'api snapshot': { valid: [], folders: { '--sdk': ['SDK_NOT_FOUND', 'SDK_NOT_FOUND'] } },
  'api diff': {
    valid: ['@api.json', '@api.json'],
    reads: { '<0>': 'API_SNAPSHOT_INVALID', '<1>': 'API_SNAPSHOT_INVALID' },
    values: { '--format': ['xml'] },
  },
  build: { valid: ['@app'], ...BUILD },
  run: {
    valid: ['@image', 'exit'],
    reads: { '--script': 'SCRIPT_INVALID' },
    folders: { '<0>': ['APP_NOT_FOUND', 'APP_'], '--storage': ['', 'FILE_'] },
    values: {
      '--heap-limit': ['much', '0', '-5'],
      '--watchdog': ['soon', '0s'],
      '--clock': ['sun'],
      '--show': ['colours'],
      '--cmake-option': ['LEVEL'],
    },
  },
  'init-tests': { valid: ['@app'], ...BUILD },
};

let folder: string;
let id: string;

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'sphere-iot-wrong-'));
  chmodSync(folder, 0o755);
  const at = (name: string): string => path.join(folder, name);
  mkdirSync(at('folder'));
  mkdirSync(at('app'));
  writeFileSync(at('malformed'), 'pres BUTTON\n');
  writeFileSync(at('huge'), '');
  truncateSync(at('huge'), HUGE);
  symlinkSync('/dev/zero', at('endless'));
  await cli(['catalog', 'create', '--dir', at('catalog')]);
  id = (await cli(['device', 'claim', '--dir', at('catalog')])).stdout.trim();
  await cli(['device', 'attest', id, '--dir', at('catalog')]);
  const device = path.join(at('catalog'), 'devices', id);
  writeFileSync(at('chain.pem'), readFileSync(path.join(device, 'certificate.pem')));
  writeFileSync(at('key.pem'), readFileSync(path.join(device, 'private-key.pem')));
  writeFileSync(at('api.json'), (await cli(['api', 'snapshot'])).stdout);
}, BUILD_TIME);

afterAll(() => rmSync(folder, { recursive: true }));

let image: string;
beforeAll(async () => void (image = (await buildApp(path.join(root, 'test/app/apps/posix'))).folder), BUILD_TIME);

/** A value of a spec with its place in the folder. */
function placed(value: string): string {
  if (value === '@id') return id;
  if (value === '@image') return image;
  return value.startsWith('@') ? path.join(folder, value.slice(1)) : value;
}

/** The arguments of a spec, with one option or argument replaced, or added. */
function withValue(valid: readonly string[], option: string, value: string): string[] {
  const args = valid.map(placed);
  const [, index] = /^<(\d)>$/.exec(option) ?? [];
  const names = option === '--output-file' ? ['--output-file', '-o'] : [option];
  const position = index === undefined ? args.findIndex((each) => names.includes(each)) + 1 : Number(index);
  if (index === undefined && position === 0) return [option, value, ...args];
  args[position] = value;
  return args;
}

/** Runs a command that must fail, and returns what it says of that. */
async function failure(
  name: string,
  args: readonly string[],
): Promise<{ exit: number; code: string; message: string }> {
  const { code: exit, stdout, stderr } = await cli([...name.split(' '), '--json', ...args]);
  expect({ stdout, lines: stderr.split('\n').length }).toEqual({ stdout: '', lines: 2 });
  const { error } = JSON.parse(stderr) as { error: { code: string; message: string } };
  expect(error.code).toMatch(/^(?!E[A-Z]+$)[A-Z][A-Z0-9]*(_[A-Z0-9]+)*$/);
  expect(['FAILED', 'INTERNAL_ERROR']).not.toContain(error.code);
  expect(error.message).not.toMatch(/\bE[A-Z]{3,}: |syscall|allow[A-Z]/);
  return { exit, ...error };
}

/** As a user who is not allowed everything. */
async function asNobody<T>(act: () => Promise<T>): Promise<T> {
  if (process.geteuid?.() !== 0) return act();
  process.seteuid!(NOBODY);
  try {
    return await act();
  } finally {
    process.seteuid!(0);
  }
}

/** Every command that does something, by its full name. */
function commands(command: Command, before: readonly string[] = []): [string, Command][] {
  if (command.commands.length === 0) return [[before.join(' '), command]];
  return command.commands.flatMap((each) => commands(each, [...before, each.name()]));
}

const io = { stdout: { write: () => undefined }, stderr: { write: () => undefined }, env: {}, exitCode: 0 };
const all = commands(program({ ...io, interrupted: new AbortController().signal } satisfies CliIo));

test('every command is here, with every option that takes a value of a kind that can be wrong', () => {
  expect(all.map(([name]) => name).sort()).toEqual(Object.keys(SPECS).sort());
  const unchecked = all.flatMap(([name, { options }]) => {
    const { reads = {}, folders = {}, writes = {}, values = {} } = SPECS[name]!;
    const checked = Object.keys({ ...reads, ...folders, ...writes, ...values });
    return options
      .filter(
        ({ flags, long, argChoices }) => (/<(file|folder)>/.test(flags) || argChoices) && !checked.includes(long!),
      )
      .map(({ long }) => `${name} ${long}`);
  });
  // What is written there is tried in run-script.test.ts; where it builds is not of this test.
  expect(unchecked).toEqual([
    'catalog create --dir',
    'device connect --dir',
    'emulate --passphrase-file',
    'run --hardware-definitions',
    'run --junit',
  ]);
});

describe.each(all)('%s', (name, command) => {
  const spec = SPECS[name]!;

  test('a missing argument or option, an unknown option, too much', async () => {
    const required = command.registeredArguments.some((argument) => argument.required);
    const mandatory = command.options.some((option) => option.mandatory);
    const wrong = [['--no-such-option', ...spec.valid.map(placed)], ...(required || mandatory ? [[]] : [])];
    if (!command.registeredArguments.some((argument) => argument.variadic))
      wrong.push([...spec.valid.map(placed), 'one', 'too', 'many']);
    for (const args of wrong)
      expect(await failure(name, args)).toMatchObject({
        exit: 2,
        code: 'USAGE',
        message: expect.stringMatching(/^[^{}]+$/),
      });
  });

  for (const [option, malformed] of Object.entries(spec.reads ?? {}))
    test(`a file that can't be read: ${option}`, async () => {
      const given = (file: string) => failure(name, withValue(spec.valid, option, path.join(folder, file)));
      const named = (file: string) => expect.stringContaining(path.join(folder, file));
      expect(await given('none')).toMatchObject({ exit: 1, code: 'FILE_NOT_FOUND', message: named('none') });
      expect(await given('folder')).toMatchObject({ exit: 1, code: 'FILE_IS_FOLDER', message: named('folder') });
      expect(await given('malformed/x')).toMatchObject({
        exit: 1,
        code: 'FILE_NO_FOLDER',
        message: named('malformed/x'),
      });
      // Not even its owner may write it again.
      rmSync(path.join(folder, 'secret'), { force: true });
      writeFileSync(path.join(folder, 'secret'), '', { mode: 0o000 });
      const secret = await asNobody(() => given('secret'));
      expect(secret).toMatchObject({ exit: 1, code: 'FILE_NOT_ALLOWED', message: named('secret') });
      if (malformed !== '')
        expect(await given('malformed')).toMatchObject({
          exit: 1,
          code: expect.stringContaining(malformed),
          message: named('malformed'),
        });
      // Longer than any string, and without an end.
      expect(await given('huge')).toMatchObject({ exit: 1, code: 'FILE_TOO_LARGE', message: named('huge') });
      expect(await given('endless')).toMatchObject({ exit: 1, code: 'FILE_TOO_LARGE', message: named('endless') });
    });

  for (const [option, [missing, file]] of Object.entries(spec.folders ?? {}))
    test(`a folder that is none: ${option}`, async () => {
      const given = (at: string) => failure(name, withValue(spec.valid, option, path.join(folder, at)));
      const named = (at: string) => expect.stringContaining(path.join(folder, at));
      if (missing !== '') expect(await given('none')).toMatchObject({ exit: 1, code: missing, message: named('none') });
      if (file !== '')
        expect(await given('malformed')).toMatchObject({
          exit: 1,
          code: expect.stringContaining(file),
          message: named('malformed'),
        });
    });

  for (const [option, ending] of Object.entries(spec.writes ?? {}))
    test(`a file that can't be written: ${option}`, async () => {
      const given = (at: string) => failure(name, withValue(spec.valid, option, path.join(folder, at)));
      mkdirSync(path.join(folder, `folder${ending}`), { recursive: true });
      const none = await given(`none/x${ending}`);
      expect(none).toMatchObject({
        exit: 1,
        code: 'FILE_NOT_FOUND',
        message: expect.stringContaining(path.join(folder, 'none')),
      });
      expect(await given(`folder${ending}`)).toMatchObject({
        exit: 1,
        code: expect.stringMatching(/^FILE_(IS_FOLDER|EXISTS)$/),
      });
    });

  for (const [option, values] of Object.entries(spec.values ?? {}))
    test(`a bad value: ${option}`, async () => {
      for (const value of values) {
        const { exit, code, message } = await failure(name, withValue(spec.valid, option, value));
        expect({ value, exit, code }).toEqual({ value, exit: 2, code: 'USAGE' });
        expect(message).toContain(option);
      }
    });
});

describe('emulate: ports and addresses', () => {
  const emulate = (...args: readonly string[]) =>
    failure('emulate', ['--trust-roots', path.join(folder, 'roots.pem'), ...args]);

  test('a port in use', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const { exit, code, message } = await emulate('--port', String(port));
    server.close();
    expect({ exit, code }).toEqual({ exit: 1, code: 'PORT_IN_USE' });
    expect(message).toMatch(new RegExp(`^Port ${port} can't be listened on: .*--port`));
  });

  test('an address that others can reach, one that is not of this machine, and a name that is none', async () => {
    const open = await emulate('--host', '0.0.0.0');
    expect(open).toMatchObject({
      exit: 1,
      code: 'LISTEN_NOT_LOOPBACK',
      message: expect.stringContaining('--allow-non-loopback'),
    });
    const other = await emulate('--host', '192.0.2.1', '--allow-non-loopback');
    expect(other).toMatchObject({ exit: 1, code: 'ADDRESS_NOT_AVAILABLE', message: expect.stringContaining('--host') });
    const none = await emulate('--host', 'nowhere.invalid', '--allow-non-loopback');
    expect(none).toMatchObject({
      exit: 1,
      code: 'ADDRESS_NOT_AVAILABLE',
      message: expect.stringContaining('nowhere.invalid'),
    });
  });
});

test('what is mapped nowhere: the advice names options', async () => {
  const { exit, code, message } = await failure('device connect', SPECS['device connect']!.valid.map(placed));
  expect({ exit, code }).toEqual({ exit: 1, code: 'CONNECT_FAILED' });
  expect(message).toContain('Map it with --endpoint, or give --allow-internet.');
});

test('no command: what is missing, in JSON too', async () => {
  for (const args of [['--json'], ['catalog', '--json'], ['nonsense', '--json']]) {
    const { code, stdout, stderr } = await cli(args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(JSON.parse(stderr)).toEqual({ error: { code: 'USAGE', message: expect.any(String) } });
  }
  // After -- it is of the app.
  const ofApp = await cli(['run', '--no-such-option', '--', '--json']);
  expect(ofApp).toMatchObject({ code: 2, stderr: expect.stringMatching(/^error: unknown option/) });
});

test('what is no error of ours says that it is a fault of sphere-iot', () => {
  expect(errorOf(new TypeError('x is undefined'))).toMatchObject({
    code: 'INTERNAL_ERROR',
    message: 'X is undefined. This is a fault of sphere-iot: please report it with what you typed.',
  });
});

test('help is wrapped at the width of the terminal', async () => {
  for (const columns of [60, 120]) {
    const { stdout } = await cli(['run', '--help'], { tty: true, columns });
    const lines = stdout.split('\n').filter((line) => !/^(Usage:| {2}sphere-iot )/.test(line));
    const widths = lines.map((line) => line.length);
    expect(Math.max(...widths)).toBeLessThanOrEqual(columns);
    expect(Math.max(...widths)).toBeGreaterThan(columns - 20);
  }
});
