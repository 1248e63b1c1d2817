import { execFileSync } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import fc from 'fast-check';

import { VirtualClock } from '../../../src/clock/index.js';
import { LocalAzure } from '../../../src/emulator/index.js';
import { openFolder } from '../../../src/emulator/state/open-folder.js';
import { encodeEntry, idOf, recordIn, type EntryRecord, type Key } from '../../../src/emulator/state/entry.js';
import { isObject } from '../../../src/json.js';
import { atDps } from '../dps-device.js';
import { ask, type Reply } from '../https.js';
import { HUB, World } from '../support.js';

// Whatever is in the folder: the start says that it is damaged, and which entry, or all works.

let parent: string;
const whole = (): string => join(parent, 'whole');
const copy = (): string => join(parent, 'copy');
beforeAll(async () => {
  parent = mkdtempSync(join(tmpdir(), 'sphere-iot-damaged-'));
  await fillFolder();
});
afterAll(() => rmSync(parent, { recursive: true }));
/** Sockets are files only as long as somebody listens. */
const sockets: Server[] = [];
afterEach(() => {
  for (const server of sockets.splice(0)) server.close();
});
beforeEach(() => {
  rmSync(copy(), { recursive: true, force: true });
  cpSync(whole(), copy(), { recursive: true });
});

/** Something of each kind. */
async function fillFolder(): Promise<void> {
  const world = await World.create({ state: whole() });
  const { azure, hub, ca } = world;
  await world.enroll();
  const { certificates, enrollmentGroups, enrollments } = azure.dps;
  certificates.upload('new', ca.certificate);
  certificates.generateVerificationCode('new');
  hub.certificates.upload('ca', ca.certificate);
  enrollmentGroups.create({
    id: 'keys',
    attestation: { symmetricKey: {} },
    hub: hub.name,
    hubs: [hub.name],
    allocationPolicy: 'static',
    reprovisionPolicy: 'never',
    credentialMode: 'ca',
    initialTwin: { desired: { a: 1 }, tags: { b: 2 } },
  });
  const leaf = await ca.issue({ commonName: 'one' });
  const certificate = { certificate: leaf.leaf, secondaryCertificate: leaf.leaf };
  enrollments.create({ registrationId: 'one', attestation: { x509: certificate }, deviceId: 'first' });
  enrollments.create({ registrationId: 'two', attestation: { symmetricKey: {} } });
  const device = await atDps(world, await ca.issue({ commonName: 'device-1' }));
  device.publish('$dps/registrations/PUT/iotdps-register/?$rid=1', '{"registrationId":"device-1","payload":{"x":[1]}}');
  await device.next('publish');
  hub.devices.create({ deviceId: 'keyed', authentication: { type: 'sas' } });
  const client = await world.online(await world.device('a'));
  client.publish('devices/a/messages/events/k=v&%24.mid=1', 'ü', 1);
  client.publish('$iothub/twin/PATCH/properties/reported/?$rid=1', '{"warm":true}');
  await client.next('puback');
  const seen = hub.device('a');
  seen.updateDesired({ level: { deep: [3] } });
  seen.updateTags({ floor: 2 });
  seen.sendC2D('gone', { messageId: 'm', ack: 'full' });
  seen.purge();
  seen.sendC2D('gone too', { ack: 'full' });
  seen.purge();
  seen.sendC2D('waits', { ack: 'full', properties: { a: 'b' } });
  client.publish('devices/a/messages/events/', 'second', 1);
  await client.next('puback');
  const other = await atDps(world, await ca.issue({ commonName: 'forgotten' }));
  other.publish('$dps/registrations/PUT/iotdps-register/?$rid=1', '{"registrationId":"forgotten"}');
  await other.next('publish');
  azure.dps.registrations.delete('forgotten');
  await uploadFiles(world);
  await world.close();
}

/** One that is over, and one under way of which a block waits. */
async function uploadFiles(world: World): Promise<void> {
  const credential = await world.device('uploads');
  const post = (path: string, body: object): Promise<Reply> =>
    ask(world, {
      host: HUB,
      method: 'POST',
      path: `/devices/uploads/files${path}?api-version=2021-04-12`,
      body,
      credential,
    });
  const put = async (query: string, blobName: string): Promise<unknown> => {
    const { json } = await post('', { blobName });
    const path = `/${String(json['containerName'])}/${String(json['blobName'])}${String(json['sasToken'])}${query}`;
    const headers = { 'x-ms-blob-type': 'BlockBlob' };
    const { status } = await ask(world, {
      host: 'sphereiotlocal.blob.core.windows.net',
      method: 'PUT',
      path,
      headers,
      body: 'x',
    });
    expect(status).toBe(201);
    return json['correlationId'];
  };
  const correlationId = await put('', 'over');
  expect((await post('/notifications', { correlationId, isSuccess: true })).status).toBe(204);
  await put('&comp=block&blockid=MQ%3D%3D', 'waits');
}

interface Kept extends EntryRecord {
  readonly key: Key;
}

async function entries(folder: string): Promise<readonly Kept[]> {
  const { database, entries: all, release } = await openFolder(folder);
  await database.close();
  release();
  return all.map(({ key, content }) => ({ key, ...(recordIn(content) as EntryRecord) }));
}

async function change({ key, ...entry }: Kept, value: unknown): Promise<void> {
  const { database, release } = await openFolder(copy());
  await database.write(new Map([[idOf(key), encodeEntry(idOf(key), { ...entry, value })]]));
  await database.close();
  release();
}

/** Uses what there is; returns the code of the error with which it does not start. */
async function use(): Promise<string | undefined> {
  const clock = new VirtualClock();
  let azure: LocalAzure;
  try {
    azure = await LocalAzure.start({ state: copy(), clock });
  } catch (error) {
    const { code, message } = error as { code?: string; message: string };
    if (code === undefined) throw error;
    // Where a timer was left, this would be refused with another code.
    await expect(clock.runUntil(new Promise(() => undefined))).rejects.toMatchObject({ code: 'CLOCK_STALLED' });
    return `${code}: ${message}`;
  }
  const hub = azure.hub();
  const { certificates, enrollmentGroups, enrollments, registrations } = azure.dps;
  JSON.stringify([certificates.list(), hub.certificates.list(), enrollmentGroups.list(), enrollments.list()]);
  JSON.stringify([registrations.list(), hub.feedback()]);
  for (const { deviceId } of hub.devices.list()) {
    const seen = hub.device(deviceId);
    hub.devices.connectionString(deviceId);
    JSON.stringify([seen.twin, seen.receivedTelemetry()]);
    seen.updateDesired({ again: 1 });
    seen.updateTags({ again: 1 });
    seen.sendC2D('again', { ack: 'full' });
    seen.purge();
    hub.devices.update(deviceId, { enabled: false });
  }
  await clock.advance(7_200_000);
  await azure.close();
  return undefined;
}

/** The value with one of its parts replaced: each part, by each wrong value. */
function* corruptions(value: unknown, wrong: readonly unknown[]): Generator<unknown> {
  for (const each of wrong) if (typeOf(each) !== typeOf(value) || each === 1e300) yield each;
  if (Array.isArray(value) || isObject(value))
    for (const [name, part] of Object.entries(value))
      for (const each of corruptions(part, wrong))
        yield Array.isArray(value) ? value.with(Number(name), each) : { ...value, [name]: each };
}

function typeOf(value: unknown): string {
  return value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value;
}

test.each(['', 'b', '__proto__', '\ud800'])('an identity whose device id is another one: %j', async (deviceId) => {
  const entry = (await entries(copy())).find(({ key }) => key.includes('devices'));
  await change(entry as Kept, { ...(entry?.value as object), deviceId });
  expect(await use()).toMatch(/^STATE_FOLDER_DAMAGED: /);
});

describe('a text that no HTTP header can hold, where one is to hold it', () => {
  const places: readonly [string, string][] = [
    ['blobs', 'contentType'],
    ['blobs', 'etag'],
    ['devices', 'etag'],
    ['enrollments', 'etag'],
    ['enrollmentGroups', 'etag'],
  ];
  test.each(
    places.flatMap(([collection, name]) => ['a\nx: y', 'a\0', '\u0100'].map((text) => [collection, name, text])),
  )('%s, %s: %j', async (collection, name, text) => {
    const entry = (await entries(copy())).find(({ key }) => key.at(-2) === collection) as Kept;
    expect(entry.value).toHaveProperty(name as string);
    await change(entry, { ...(entry.value as object), [name as string]: text });
    expect(await use()).toMatch(/^STATE_FOLDER_DAMAGED: .*: it is no text that an HTTP header can hold/);
  });

  test('of registrations', async () => {
    const entry = (await entries(copy())).find(({ key }) => key.at(-2) === 'registrations') as Kept;
    const { registration, ...more } = entry.value as { registration: object };
    await change(entry, { ...more, registration: { ...registration, etag: 'a\nx: y' } });
    expect(await use()).toMatch(/^STATE_FOLDER_DAMAGED: .*etag: it is no text that an HTTP header can hold/);
  });

  test('what one can hold is taken, a letter above ASCII too', async () => {
    const entry = (await entries(copy())).find(({ key }) => key.at(-2) === 'blobs') as Kept;
    await change(entry, { ...(entry.value as object), contentType: 'text/pl\u00e4in;\tx=" y"' });
    expect(await use()).toBeUndefined();
  });
});

test.each(['c2d', 'telemetry'])('%s of an older version has its body as base64', async (collection) => {
  const { bytes, ...entry } = (await entries(copy())).find(({ key }) => key.at(-2) === collection) as Kept;
  expect(bytes?.length).toBeGreaterThan(0);
  await change(entry, { ...(entry.value as object), body: 'w7w=' });
  expect(await use()).toBeUndefined();
  for (const body of ['w7w', 'w7w=\n', '%', undefined, 17]) {
    await change(entry, { ...(entry.value as object), body });
    expect(await use()).toMatch(/^STATE_FOLDER_DAMAGED: .*body: it is no base64/);
  }
});

/** For each collection: ids that its first entry must not have. */
const WRONG_IDS: Readonly<Record<string, readonly string[]>> = {
  ...{ serverRoot: ['', 'Root'], key: ['other'], twin: ['other'] },
  ...{ certificates: ['other', 'CA'], enrollmentGroups: ['other', 'Group'], devices: ['other', 'A'] },
  ...{ enrollments: ['other', 'One'], registrations: ['other', 'Device-1'], forgotten: ['Forgotten', 'no id', ''] },
  ...{ c2d: ['x', '-1', '1.5', '01', '1e3', '9007199254740993'], telemetry: ['x', '-1', '7', '01'] },
  ...{ deviceGeneration: ['other', 'Newest'] },
  ...{ feedback: ['x', '7'], uploads: ['x', '-1'], policies: ['other', 'Service'] },
  ...{ blobs: ['', 'no-slash', '/x', 'x/'], blocks: ['', '["uploads/uploads/waits","Mg=="]'] },
};
/** The value does not say it, and any will do. */
const ANY_ID = ['verificationCodes', 'activeUploads'];

test('there is an entry in each collection', async () => {
  const collections = new Set((await entries(copy())).map(({ key }) => key.at(-2)));
  expect([...collections].sort()).toEqual([...Object.keys(WRONG_IDS), ...ANY_ID].sort());
});

test.each(Object.entries(WRONG_IDS).flatMap(([collection, ids]) => ids.map((id) => [collection, id] as const)))(
  'an entry of %s under an id that is not its own: %j',
  async (collection, id) => {
    const { key, ...entry } = (await entries(copy())).find((each) => each.key.at(-2) === collection) as Kept;
    const wrong = idOf([...key.slice(0, -1), id]);
    const { database, release } = await openFolder(copy());
    await database.write(
      new Map([
        [idOf(key), undefined],
        [wrong, encodeEntry(wrong, entry)],
      ]),
    );
    await database.close();
    release();
    const said = await use();
    expect(said).toMatch(/^STATE_FOLDER_DAMAGED: .*: what it holds belongs under another id\./);
    expect(said).toContain('/copy, entry [');
  },
);

test('whatever comes after messages that wait is damaged: the process has nothing more to wait for', async () => {
  for (const entry of await entries(whole())) {
    if (!entry.key.includes('dps') && !entry.key.includes('telemetry')) continue;
    rmSync(copy(), { recursive: true });
    cpSync(whole(), copy(), { recursive: true });
    await change(entry, 17);
    expect(await use()).toMatch(/^STATE_FOLDER_DAMAGED: /);
  }
});

test('a value of a wrong type, in any place', async () => {
  const all = await entries(copy());
  const kinds = new Set(
    all.map(({ key }) =>
      key
        .filter((_, index) => index !== 1)
        .slice(0, -1)
        .join('/'),
    ),
  );
  expect(kinds.size).toBeGreaterThan(8);
  const tries = all.flatMap((entry) => [
    ...[...corruptions(entry.value, [null, -1.5, 'x', [], {}, 1e300, true])].map((value) => ({ entry, value })),
  ]);
  const refused: string[] = [];
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...tries), async ({ entry, value }) => {
      rmSync(copy(), { recursive: true, force: true });
      cpSync(whole(), copy(), { recursive: true });
      await change(entry, value);
      const said = await use();
      if (said === undefined) return;
      refused.push(said);
      expect(said).toMatch(/^STATE_FOLDER_DAMAGED: /);
      expect(said).toContain(`entry ${idOf(entry.key)}`);
    }),
    { numRuns: 100 },
  );
  expect(refused.length).toBeGreaterThan(20);
});

describe('files of the database', () => {
  const files = (): readonly string[] => readdirSync(join(copy(), 'store')).filter((name) => !/^LO/.test(name));

  test('the folder is not there', async () => {
    rmSync(join(copy(), 'store'), { recursive: true });
    expect(await use()).toMatch(/^STATE_FOLDER_DAMAGED: .*store: it is not there\./);
  });

  test('none is there', async () => {
    for (const name of files()) rmSync(join(copy(), 'store', name));
    expect(await use()).toMatch(/^STATE_FOLDER_DAMAGED: /);
  });

  test('CURRENT is gone, or names nothing', async () => {
    writeFileSync(join(copy(), 'store/CURRENT'), 'MANIFEST-999999\n');
    expect(await use()).toMatch(/^STATE_FOLDER_DAMAGED: /);
    rmSync(join(copy(), 'store/CURRENT'));
    expect(await use()).toMatch(/^STATE_FOLDER_DAMAGED: /);
  });

  test('a byte of the log: what is missing is noticed', async () => {
    const log = files().find((name) => name.endsWith('.log')) as string;
    const path = join(copy(), 'store', log);
    const bytes = readFileSync(path);
    for (let at = 8; at < bytes.length; at += Math.ceil(bytes.length / 20)) {
      const changed = Buffer.from(bytes);
      changed[at]! ^= 0x10;
      writeFileSync(path, changed);
      expect(await use()).toMatch(/^STATE_FOLDER_DAMAGED: /);
      rmSync(copy(), { recursive: true });
      cpSync(whole(), copy(), { recursive: true });
    }
  });

  test.each([0, 0.3, 0.7, 0.99])('cut to %d of its length', async (part) => {
    for (const name of files()) {
      const path = join(copy(), 'store', name);
      truncateSync(path, Math.floor(part * readFileSync(path).length));
      expect([undefined, 'STATE_FOLDER_DAMAGED']).toContain((await use())?.split(':')[0]);
      rmSync(copy(), { recursive: true });
      cpSync(whole(), copy(), { recursive: true });
    }
  });
});

describe('something else in the place of a file is named, and nobody waits for it', () => {
  const kinds: Readonly<Record<string, (path: string) => void | Promise<void>>> = {
    'a pipe': (path) => void execFileSync('mkfifo', [path]),
    'a link': (path) => symlinkSync('/dev/zero', path),
    'a folder': (path) => void mkdirSync(path),
    'a socket': (path) => listenAt(path),
  };
  const names = [
    'state.json',
    ...['CURRENT', 'LOCK', 'LOG', 'LOG.old', 'MANIFEST-000002', '000003.log', '999999.ldb', '999999.dbtmp'].map(
      (name) => `store/${name}`,
    ),
  ];

  test.each(names.flatMap((name) => Object.keys(kinds).map((kind) => [name, kind] as const)))(
    '%s: %s',
    async (name, kind) => {
      const path = join(copy(), name);
      rmSync(path, { force: true });
      await kinds[kind]!(path);
      expect(await use()).toContain(
        `STATE_FOLDER_DAMAGED: The emulator's state is damaged: ${path}: it is no regular file. `,
      );
    },
  );

  test('of the format before: its lock', async () => {
    rmSync(copy(), { recursive: true });
    mkdirSync(copy());
    execFileSync('mkfifo', [join(copy(), 'lock')]);
    expect(await use()).toMatch(/^STATE_FOLDER_DAMAGED: .*lock: it is no emulator's lock/);
  });
});

describe('the format in state.json', () => {
  const write = (format: string): void =>
    writeFileSync(join(copy(), 'state.json'), `{"kind":"sphere-iot state","format":${format}}\n`);

  test.each(['-1', '-3.5', '0', '1', '1.5', '2.5', '3.5', '1e300', '-0', '"2"', '"3"', '[2]', 'true', 'null', '{}'])(
    '%s is damage',
    async (format) => {
      write(format);
      expect(await use()).toMatch(/^STATE_FOLDER_DAMAGED: .*state\.json: it is of a format that there never was/);
    },
  );

  test('1e999 is no JSON of ours', async () => {
    write('1e999');
    expect(await use()).toMatch(
      /^STATE_FOLDER_DAMAGED: .*state\.json: it is something else than what an emulator writes/,
    );
  });

  test.each(['3', '9007199254740991'])('%s is one of a newer version', async (format) => {
    write(format);
    expect(await use()).toMatch(/^STATE_FOLDER_NEWER: .*was written by a newer version of sphere-iot \(format \d+\)\./);
  });

  test.each(['2', '2.0'])('%s is the known one', async (format) => {
    write(format);
    expect(await use()).toBeUndefined();
  });
});

async function listenAt(path: string): Promise<void> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(path, resolve));
  sockets.push(server);
}
