// A state folder: large, damaged, foreign, held by another, or not to be written to.
import { constants } from 'node:buffer';
import { appendFileSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';

import type { Credential } from '../../src/certificates/index.js';
import { VirtualClock } from '../../src/clock/index.js';
import { LocalAzure } from '../../src/emulator/index.js';
import { JOURNAL_HEADER } from '../../src/emulator/state/journal.js';
import { idOf } from '../../src/emulator/state/entry.js';
import { openFolder, tryToWrite } from '../../src/emulator/state/open-folder.js';
import { StateFolder } from '../../src/emulator/state/state-folder.js';
import { atDps, put } from '../emulator/dps-device.js';
import { ask } from '../emulator/https.js';
import { DPS, HUB, hubConnect, World, type RawClient } from '../emulator/support.js';
import { attacks, memoryInUse } from './attack-table.js';

const EVENTS = 'devices/a/messages/events/';

let folder: string;
let world: World;
let device: Credential;
let client: RawClient;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sphere-iot-attack-'));
  world = await World.create({ state: join(folder, 'state'), hub: { telemetryLimit: 10 } });
  await world.enroll();
  device = await world.device('a');
  client = await world.online(device);
});
afterEach(async () => {
  await world.close();
  rmSync(folder, { recursive: true });
});

async function publish(count: number, bytes: number): Promise<void> {
  for (let number = 0; number < count; number++) client.publish(EVENTS, Buffer.alloc(bytes), 1);
  for (let number = 0; number < count; number++) await client.next('puback');
}

/** The same device again and again. */
async function registerAgain(count: number): Promise<void> {
  const again = await atDps(world, await world.ca.issue({ commonName: 'again' }));
  for (let number = 0; number < count; number++)
    expect((await put(again, 'again', { number })).body.status).toBe('assigning');
  again.send({ cmd: 'disconnect' });
  await again.closed();
  expect(world.azure.dps.registrations.list()).toHaveLength(1);
}

/** By MQTT and by HTTPS, with a callback that answers later. */
async function registerWith(payload: string, status: number): Promise<void> {
  const { dps } = world.azure;
  const later = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  dps.enrollmentGroups.update('group', {
    allocationPolicy: 'custom',
    allocate: (request) => later().then(() => ({ hub: HUB, payload: request.payload })),
  });
  const credential = await world.ca.issue({ commonName: 'deep' });
  const body = `{"registrationId":"deep","payload":${payload}}`;
  const registering = await atDps(world, credential);
  registering.publish('$dps/registrations/PUT/iotdps-register/?$rid=1', body);
  expect((await registering.next('publish')).topic).toMatch(`$dps/registrations/res/${status}/`);
  const path = `/${dps.idScope}/registrations/deep/register?api-version=2021-06-01`;
  const headers = { 'content-type': 'application/json' };
  expect((await ask(world, { host: DPS, method: 'PUT', path, headers, body, credential })).status).toBe(status);
  // What is under way goes wrong, if it does.
  await later();
  await world.azure.saved();
}

/** Connects and sends, while the folder of the database is somewhere else. */
async function whileUnwritable(count: number): Promise<void> {
  const store = join(folder, 'state/store');
  renameSync(store, join(folder, 'elsewhere'));
  client.publish(EVENTS, 'x', 1);
  await client.closed();
  for (let number = 0; number < count; number++) await connect(3);
  renameSync(join(folder, 'elsewhere'), store);
  await world.azure.nextEvent(({ type }) => type === 'stateWritten', { timeout: Infinity });
  client = await world.online(device);
}

async function connect(returnCode: number): Promise<void> {
  const other = await world.open(HUB);
  const connack = await other.connect(hubConnect('nobody'));
  expect(connack.returnCode).toBe(returnCode);
  await other.closed();
}

/** A start in a folder, which it is refused with the code, if there is one. */
async function start(name: string, code?: string): Promise<void> {
  const started = LocalAzure.start({ state: join(folder, name), clock: new VirtualClock() });
  if (code !== undefined) return expect(started).rejects.toMatchObject({ code });
  await (await started).close();
}

/** A folder is made at its first use. */
function once(name: string, make: (path: string) => Promise<void> | void): Promise<void> | void {
  const path = join(folder, name);
  try {
    mkdirSync(path);
  } catch {
    return;
  }
  return make(path);
}

async function fill(path: string, entries: number): Promise<void> {
  const state = await StateFolder.open(path, new VirtualClock());
  const collection = state.root.collection('s');
  for (let number = 0; number < entries; number++) collection.put(String(number), 'x'.repeat(1000));
  await state.accept();
  await state.close();
}

async function startWith(entries: number): Promise<void> {
  const name = `with-${entries}`;
  await once(name, (path) => fill(path, entries));
  await start(name);
}

async function startWithJournal(lines: number): Promise<void> {
  const path = join(folder, 'old');
  mkdirSync(path);
  const line = (number: number): string =>
    `${JSON.stringify({ key: ['s', String(number)], value: 'x'.repeat(1000) })}\n`;
  writeFileSync(
    join(path, 'state.jsonl'),
    [JOURNAL_HEADER, ...Array.from({ length: lines }, (_, number) => line(number))].join(''),
  );
  await start('old');
  rmSync(path, { recursive: true });
}

/** An entry whose JSON is nested so deep. */
async function startWithDeep(depth: number, code?: string): Promise<void> {
  const name = `deep-${depth}`;
  await once(name, async (path) => {
    await start(name);
    const { database, release } = await openFolder(path);
    const id = idOf(['s', 'deep']);
    const json = Buffer.from(`{"order":1000000,"value":${'['.repeat(depth)}${']'.repeat(depth)}}`);
    const content = Buffer.concat([Buffer.alloc(4), json]);
    content.writeUInt32BE(crc32(json, crc32(id)));
    await database.write(new Map([[id, content]]));
    await database.close();
    release();
  });
  await start(name, code);
}

test('a state is open in little more memory than its values take, and none of it in the heap of V8 before that', async () => {
  const large = join(folder, 'large');
  const state = await StateFolder.open(large, new VirtualClock());
  for (let number = 0; number < 40; number++)
    state.root
      .namespace(String(number))
      .collection('s')
      .put('text', 'x'.repeat(1024 * 1024));
  await state.accept();
  await state.close();
  const before = memoryInUse();
  const { heapUsed } = process.memoryUsage();
  const again = await StateFolder.open(large, new VirtualClock());
  memoryInUse();
  expect(process.memoryUsage().heapUsed - heapUsed).toBeLessThan(8 * 1024 * 1024);
  for (let number = 0; number < 40; number++)
    expect(again.root.namespace(String(number)).collection('s').entries()).toHaveLength(1);
  expect(memoryInUse() - before).toBeLessThan(8 * 1024 * 1024);
  await again.close();
});

test('a change of more bytes than a text can have is tried to be written', async () => {
  await tryToWrite(folder, constants.MAX_STRING_LENGTH + 1, 1);
});

attacks('State', [
  {
    name: '200 messages of 200 KB, of which 10 are kept',
    honest: () => publish(200, 200),
    attack: () => publish(200, 200_000),
    times: 100,
    bytes: 16 * 1024 * 1024,
  },
  {
    name: 'a device that registers 300 times',
    honest: () => registerAgain(10),
    attack: () => registerAgain(300),
    times: 100,
  },
  {
    name: 'a registration whose payload is nested 50,000 deep',
    honest: () => registerWith('{"a":[1]}', 202),
    attack: () => registerWith('['.repeat(50_000) + ']'.repeat(50_000), 400),
    times: 10,
  },
  {
    name: '30 clients while nothing can be written',
    honest: async () => {
      for (let number = 0; number < 30; number++) await connect(5);
    },
    attack: () => whileUnwritable(30),
    times: 50,
  },
  {
    name: 'a store of 20,000 entries beside one of 200',
    honest: () => startWith(200),
    attack: () => startWith(20_000),
    times: 300,
  },
  {
    name: 'a journal of 20,000 lines beside one of 200',
    honest: () => startWithJournal(200),
    attack: () => startWithJournal(20_000),
    times: 300,
  },
  {
    name: 'an entry that is nested 100,000 deep',
    honest: () => startWithDeep(10),
    attack: () => startWithDeep(100_000, 'STATE_FOLDER_DAMAGED'),
    times: 10,
  },
  {
    name: 'a state.json of 64 MB',
    honest: () => startWith(200),
    attack: async () => {
      await once('long', (path) => fill(path, 200));
      appendFileSync(join(folder, 'long/state.json'), ' '.repeat(64 * 1024 * 1024));
      await start('long');
    },
    times: 30,
  },
  {
    name: '5,000 files of somebody else',
    honest: () => startWith(200),
    attack: async () => {
      await once('foreign', (path) => {
        for (let number = 0; number < 5000; number++) writeFileSync(join(path, `${number}.tmp`), '');
      });
      await start('foreign', 'STATE_FOLDER_NOT_EMPTY');
    },
    times: 30,
  },
  {
    name: '100 starts in a folder that another emulator has',
    honest: () => startWith(200),
    attack: async () => {
      for (let number = 0; number < 100; number++) await start('state', 'STATE_FOLDER_IN_USE');
    },
    times: 100,
  },
]);
