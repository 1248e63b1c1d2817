// Files that have no end, or are larger than memory has room for: what is read of them is bounded.
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';

import { VirtualClock } from '../../src/clock/index.js';
import { LocalAzure } from '../../src/emulator/index.js';
import { JOURNAL_HEADER } from '../../src/emulator/state/journal.js';
import { cli } from '../cli/support.js';
import { attacks } from './attack-table.js';
import { useFolder } from '../support/folder.js';

const HUGE = 4_000_000_000;

const folder = useFolder();
beforeEach(() => {
  writeFileSync(at('small'), 'no certificate');
  for (const name of ['huge', 'catalog/catalog.json', 'state/state.json', 'old/state.jsonl']) sparse(name);
  symlinkSync('/dev/zero', at('endless'));
});
function at(name: string): string {
  return folder.file(name);
}

function sparse(name: string): void {
  mkdirSync(join(at(name), '..'), { recursive: true });
  writeFileSync(at(name), name === 'old/state.jsonl' ? JOURNAL_HEADER : '');
  truncateSync(at(name), HUGE);
}

async function command(code: string, ...argv: readonly string[]): Promise<void> {
  const { stderr } = await cli(argv);
  expect(stderr).toContain(`(${code})`);
}

async function start(name: string): Promise<void> {
  const started = LocalAzure.start({ state: at(name), clock: new VirtualClock() });
  await expect(started).rejects.toMatchObject({ code: 'STATE_FOLDER_DAMAGED' });
}

async function createCatalog(name: string, env: Readonly<Record<string, string>> = {}): Promise<string> {
  const { stderr } = await cli(['catalog', 'create', '--dir', at(name)], { env });
  return stderr;
}

/** Nothing is written that is not encrypted as was meant. */
async function emptyPassphrase(): Promise<void> {
  for (const SPHERE_IOT_PASSPHRASE of ['', ' ', '\t\n', '\u3000'])
    expect(await createCatalog('blank', { SPHERE_IOT_PASSPHRASE })).toContain('(KEY_PASSPHRASE_EMPTY)');
  expect(existsSync(at('blank'))).toBe(false);
}

async function underUmask0(): Promise<void> {
  const umask = process.umask(0);
  try {
    expect(await createCatalog('open')).toBe('');
    expect((await cli(['device', 'claim', '--dir', at('open')])).stderr).toBe('');
    expect((await cli(['device', 'claim', '--dir', at('open')])).stderr).toBe('');
  } finally {
    process.umask(umask);
  }
  const all = ['', ...(readdirSync(at('open'), { recursive: true }) as string[])];
  expect(all.length).toBeGreaterThan(8);
  expect(all.filter((each) => lstatSync(join(at('open'), each)).mode & 0o022)).toEqual([]);
  rmSync(at('open'), { recursive: true });
}

async function honestCatalog(): Promise<void> {
  expect(await createCatalog('honest', { SPHERE_IOT_PASSPHRASE: 'sesame' })).toBe('');
  rmSync(at('honest'), { recursive: true });
}

const honest = (): Promise<void> => command('CERTIFICATE_NOT_PEM', 'cert', 'inspect', at('small'));

attacks('Files', [
  {
    name: 'a certificate of 4 GB',
    honest,
    attack: () => command('FILE_TOO_LARGE', 'cert', 'inspect', at('huge')),
    times: 10,
  },
  {
    name: 'a certificate without an end',
    honest,
    attack: () => command('FILE_TOO_LARGE', 'cert', 'inspect', at('endless')),
    times: 50,
  },
  {
    name: 'a passphrase without an end',
    honest,
    attack: () =>
      command('FILE_TOO_LARGE', 'catalog', 'create', '--dir', at('new'), '--passphrase-file', at('endless')),
    times: 10,
  },
  {
    name: 'a catalog of 4 GB',
    honest,
    attack: () => command('CATALOG_FOLDER_DAMAGED', 'catalog', 'show', '--dir', at('catalog')),
    times: 10,
  },
  { name: 'a passphrase that is empty', honest: honestCatalog, attack: emptyPassphrase, times: 5 },
  { name: 'a catalog and two devices under umask 000', honest: honestCatalog, attack: underUmask0, times: 20 },
  { name: 'a state.json of 4 GB', honest, attack: () => start('state'), times: 10 },
  { name: 'a line of 4 GB in a journal', honest, attack: () => start('old'), times: 200 },
]);
