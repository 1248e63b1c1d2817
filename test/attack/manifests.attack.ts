// What an app's folder says of it: manifests and boards that are large, or refer to themselves.
import { readManifest, type Peripherals } from '../../src/app/index.js';
import { parseJsonWithComments } from '../../src/app/json-with-comments.js';
import { attacks } from './attack-table.js';

const COUNT = 100_000;
const MILLION = 1_000_000;
const MANIFEST = {
  SchemaVersion: 1,
  Name: 'app',
  ComponentId: '25025d2c-66da-4448-bae1-ac26fcdd3627',
  EntryPoint: '/bin/app',
  CmdArgs: [],
};

/** So many names, the last for `end`; each other one for the next, or for a number. */
function board(isChain: boolean, end: string): Peripherals {
  const valueOf = (i: number): string => (i + 1 === COUNT ? end : isChain ? `N${i + 1}` : '4');
  return new Map(Array.from({ length: COUNT }, (_, i) => [`N${i}`, { type: 'Gpio', value: valueOf(i) }]));
}

const plain = board(false, '4');
const chain = board(true, '4');
const circle = board(true, 'N0');
const uses = { ...MANIFEST, Capabilities: { Gpio: Array.from({ length: 1000 }, (_, i) => `$N${i % 10}`) } };

function refusal(manifest: unknown, names?: Peripherals): string {
  try {
    readManifest(manifest, names);
  } catch (error) {
    expect(error).toMatchObject({ code: 'MANIFEST_INVALID' });
    return (error as Error).message;
  }
  throw new Error('it was taken');
}

const resolved = (names: Peripherals): void => expect(new Set(readManifest(uses, names).gpio)).toEqual(new Set([4]));

const readPlain = (): void => {
  expect(parseJsonWithComments(`[${'1,'.repeat(COUNT)}]`)).toHaveLength(COUNT);
};

/** A few lines, whatever the manifest has. */
function refusedShortly(gpio: unknown): void {
  const wrong = Array<unknown>(MILLION).fill(gpio);
  const message = refusal({ ...MANIFEST, Capabilities: { Gpio: wrong } });
  expect(message).toMatch(/^app_manifest.json has 1000000 faults:\n(.*\n){20} {2}and 999980 more\.$/);
  expect(message.length).toBeLessThan(20_000);
}

function warnedShortly(): void {
  const unknown = Object.fromEntries(Array.from({ length: COUNT }, (_, i) => [`f${i}\nerror: `, 1]));
  const { warnings } = readManifest({ ...MANIFEST, ...unknown });
  expect(warnings).toHaveLength(21);
  expect(warnings[0]).toBe('app_manifest.json: f0\\u000aerror:  is ignored: there is no such field.');
  expect(warnings[20]).toBe('app_manifest.json: and 99980 warnings more.');
}

const honest = (): void => expect(readManifest({ ...MANIFEST, CmdArgs: Array(COUNT).fill('x') }).warnings).toEqual([]);

attacks('Names of a board', [
  {
    name: 'a chain of 100,000, used 1,000 times',
    honest: () => resolved(plain),
    attack: () => resolved(chain),
    times: 20,
  },
  {
    name: 'a circle of 100,000, used 1,000 times',
    honest: () => resolved(plain),
    attack: () => expect(refusal(uses, circle)).toContain('the names from N0 on go round in circles'),
    times: 20,
  },
]);

attacks('Manifests', [
  { name: 'a million objects for pins', honest, attack: () => refusedShortly({}), times: 50 },
  { name: 'a million names for pins, without a board', honest, attack: () => refusedShortly('$a'), times: 50 },
  { name: 'a million long texts for pins', honest, attack: () => refusedShortly('x'.repeat(100_000)), times: 50 },
  { name: '100,000 unknown fields, with line feeds', honest, attack: warnedShortly, times: 50 },
]);

attacks('JSON with comments', [
  { name: 'lines of comments', honest: readPlain, attack: () => read('//\n'.repeat(4 * MILLION)), times: 100 },
  { name: 'comments', honest: readPlain, attack: () => read('/**/ '.repeat(4 * MILLION)), times: 100 },
  { name: 'beginnings of comments', honest: readPlain, attack: () => refused('/* '.repeat(MILLION)), times: 100 },
  { name: 'slashes', honest: readPlain, attack: () => refused(`${'/'.repeat(3 * MILLION)}\n`), times: 100 },
  {
    name: 'a text without an end',
    honest: readPlain,
    attack: () => refused(`"${'\\n'.repeat(4 * MILLION)}`),
    times: 10,
  },
  { name: 'a word', honest: readPlain, attack: () => refused('w'.repeat(3 * MILLION)), times: 100 },
  { name: 'lines before a mistake', honest: readPlain, attack: () => refused('\r\n'.repeat(MILLION)), times: 100 },
]);

const read = (before: string): void => expect(parseJsonWithComments(`${before}1`)).toBe(1);

function refused(text: string): void {
  expect(() => parseJsonWithComments(text)).toThrow(/^line \d+, column \d+: expected a value, but .{1,100}$/);
}
