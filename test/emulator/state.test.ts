import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import fc from 'fast-check';

import { VirtualClock } from '../../src/clock/index.js';
import { LocalAzure, type LocalAzureOptions } from '../../src/emulator/index.js';
import { HEADER, journalLine, readJournal } from '../../src/emulator/state/journal.js';
import { StateFolder } from '../../src/emulator/state/state-folder.js';
import { World } from './support.js';

let folder: string;
beforeEach(() => void (folder = join(mkdtempSync(join(tmpdir(), 'sphere-iot-state-')), 'state')));
afterEach(() => rmSync(join(folder, '..'), { recursive: true }));

const journal = (): string => join(folder, 'state.jsonl');
const text = (): string => readFileSync(journal(), 'utf8');

const worlds: World[] = [];
afterEach(async () => {
  for (const world of worlds.splice(0)) await world.azure.close().catch(() => undefined);
});

async function start(options: LocalAzureOptions = {}): Promise<World> {
  const world = await World.create({ state: folder, ...options });
  worlds.push(world);
  return world;
}

async function restart(world: World): Promise<World> {
  await world.close();
  return start();
}

const report = '$iothub/twin/PATCH/properties/reported/?$rid=1';
const events = (deviceId: string): string => `devices/${deviceId}/messages/events/`;

describe('state in a folder', () => {
  test('what is known of DPS is there after a start: CAs with codes, groups, enrollments, registrations', async () => {
    const before = await start();
    await before.enroll();
    const { certificates, enrollmentGroups, enrollments } = before.azure.dps;
    certificates.upload('new', before.ca.certificate);
    const code = certificates.generateVerificationCode('new');
    certificates.upload('gone', before.ca.certificate);
    certificates.delete('gone');
    enrollmentGroups.create({ id: 'keys', attestation: { symmetricKey: {} }, initialTwin: { desired: { a: 1 } } });
    enrollmentGroups.create({ id: 'gone', attestation: { symmetricKey: {} } });
    enrollmentGroups.delete('gone');
    const leaf = await before.ca.issue({ commonName: 'one' });
    enrollments.create({ registrationId: 'One', attestation: { x509: { certificate: leaf.leaf } }, deviceId: 'first' });
    enrollments.create({ registrationId: 'two', attestation: { symmetricKey: {} } });
    const lists = { certificates: certificates.list(), groups: enrollmentGroups.list() };
    const enrolled = enrollments.list();

    const { azure } = await restart(before);
    expect(azure.trustRoots).toBe(before.azure.trustRoots);
    const { dps } = azure;
    expect(dps.enrollmentGroups.list()).toEqual(lists.groups);
    expect(dps.certificates.list().map((entry) => ({ ...entry, certificate: entry.certificate.toString() }))).toEqual(
      lists.certificates.map((entry) => ({ ...entry, certificate: entry.certificate.toString() })),
    );
    expect(dps.certificates.verify('new', await before.ca.proofOfPossession(code))).toMatchObject({ verified: true });
    expect(JSON.stringify(dps.enrollments.list())).toBe(JSON.stringify(enrolled));
    expect(dps.enrollments.get('one').attestation.x509?.certificate.fingerprint).toBe(leaf.leaf.fingerprint);
  });

  test('so are devices with their twins, messages that wait, and telemetry', async () => {
    const before = await start();
    const credential = await before.device('a');
    before.hub.devices.create({ deviceId: 'keyed', authentication: { type: 'sas' } });
    before.hub.devices.create({ deviceId: 'gone', authentication: { type: 'sas' } });
    before.hub.device('gone').updateDesired({ x: 1 });
    before.hub.devices.delete('gone');
    const seen = before.hub.device('a');
    const client = await before.online(credential);
    client.publish(report, '{"warm":true}', 1);
    client.publish(events('a'), 'ü', 1);
    await client.next('puback');
    await client.next('puback');
    seen.updateDesired({ level: 3 });
    seen.updateTags({ floor: 2 });
    seen.sendC2D('first', { messageId: 'm 1', ack: 'full' });
    seen.sendC2D('second', { ttlMs: 1000 });
    const [devices, twin, telemetry] = [before.hub.devices.list(), seen.twin, seen.receivedTelemetry()];

    const { hub, clock } = await restart(before);
    const again = hub.device('a');
    expect(hub.devices.list()).toEqual(devices);
    expect(again.twin).toEqual(twin);
    expect(again.receivedTelemetry()).toEqual(telemetry);
    expect(await again.reported()).toEqual({ warm: true });
    expect(hub.device('gone').twin.desired).toEqual({});
    // One expired meanwhile, the other waits for the device.
    await clock.advance(2000);
    expect(again.purge()).toBe(1);
    const purged = [{ originalMessageId: 'm 1', statusCode: 'Purged' }];
    expect(hub.feedback()).toMatchObject(purged);
    expect((await restart(worlds.at(-1)!)).hub.feedback()).toMatchObject(purged);
  });

  test('a device that registered is known after a start, and a message that it acknowledged is not sent again', async () => {
    const before = await start();
    const credential = await before.device('a');
    const client = await before.online(credential);
    await client.subscribe('devices/a/messages/devicebound/#', 1);
    const delivery = before.hub.device('a').sendC2D('x');
    const { messageId } = await client.next('publish');
    client.send({ cmd: 'puback', messageId });
    await before.run(delivery.finished());
    before.hub.device('a').sendC2D('y');
    const after = await restart(before);
    const next = await after.online(credential);
    await next.subscribe('devices/a/messages/devicebound/#', 1);
    expect((await next.next('publish')).payload.toString()).toBe('y');
  });

  test('an acknowledgement goes out when what it is for is on the disk', async () => {
    const world = await start();
    const client = await world.online(await world.device('a'));
    for (const body of ['one', 'two', 'three']) {
      client.publish(events('a'), body, 1);
      await client.next('puback');
      expect(text()).toContain(Buffer.from(body).toString('base64'));
    }
    await client.subscribe('$iothub/twin/res/#');
    client.publish(report, '{"reported":"now"}');
    await client.next('publish');
    expect(text()).toContain('"reported":"now"');
  });

  test('telemetry is kept up to the limit', async () => {
    const world = await start({ hub: { telemetryLimit: 3 } });
    const client = await world.online(await world.device('a'));
    for (let number = 1; number <= 5; number++) client.publish(events('a'), String(number), 1);
    for (let number = 1; number <= 5; number++) await client.next('puback');
    const { hub } = await restart(world);
    expect(
      hub
        .device('a')
        .receivedTelemetry()
        .map(({ body }) => body.toString()),
    ).toEqual(['3', '4', '5']);
  });

  test('only its owner can read the folder and its file, which holds keys', async () => {
    const world = await start();
    world.hub.devices.create({ deviceId: 'keyed', authentication: { type: 'sas' } });
    await world.azure.saved();
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    expect(statSync(journal()).mode & 0o777).toBe(0o600);
  });

  test('without a folder nothing is written, and nothing waits', async () => {
    const { azure } = await start({ state: undefined as never });
    expect(await azure.saved()).toBeUndefined();
    expect(() => statSync(folder)).toThrow('ENOENT');
  });

  test('a callback is no data: what needs one says so after a start', async () => {
    const before = await start();
    await before.enroll();
    const { enrollmentGroups } = before.azure.dps;
    enrollmentGroups.update('group', { allocationPolicy: 'custom', allocate: () => ({ hub: before.hub.name }) });
    const { azure } = await restart(before);
    expect(azure.dps.enrollmentGroups.get('group')).not.toHaveProperty('allocate');
  });

  describe('that can’t be written', () => {
    test('tells devices nothing, and the caller on every way', async () => {
      const world = await start();
      const client = await world.online(await world.device('a'));
      await world.azure.saved();
      const handle = await open(journal());
      const prototype = Object.getPrototypeOf(handle) as { datasync(): Promise<void> };
      await handle.close();
      const full = jest.spyOn(prototype, 'datasync').mockRejectedValueOnce(new Error('no space left'));
      client.publish(events('a'), 'lost', 1);
      await client.closed();
      full.mockRestore();
      expect(client.received).toEqual([]);
      await expect(world.azure.saved()).rejects.toMatchObject({ code: 'STATE_NOT_WRITTEN' });
      await expect(world.azure.close()).rejects.toMatchObject({ code: 'STATE_NOT_WRITTEN' });
      expect((await start()).hub.devices.has('a')).toBe(true);
    });
  });

  describe('for one process at a time', () => {
    const lock = (): string => join(folder, 'lock');

    test('is refused to a second one', async () => {
      await start();
      await expect(LocalAzure.start({ state: folder })).rejects.toMatchObject({ code: 'STATE_FOLDER_IN_USE' });
    });

    test('is refused while another process has it, which is named', async () => {
      await (await start()).close();
      writeFileSync(lock(), `${process.ppid}\n`);
      await expect(LocalAzure.start({ state: folder })).rejects.toMatchObject({
        code: 'STATE_FOLDER_IN_USE',
        message: expect.stringContaining(`process ${process.ppid}`),
      });
      rmSync(lock());
    });

    test.each([
      ['a process that is gone', () => spawnSync(process.execPath, ['-e', '']).pid],
      ['a process before that had our id', () => process.pid],
      ['nobody knows whom', () => ''],
    ])('is taken over from %s', async (_name, pid) => {
      await (await start()).close();
      writeFileSync(lock(), `${pid()}\n`);
      const world = await start();
      expect(readFileSync(lock(), 'utf8')).toBe(`${process.pid}\n`);
      await world.close();
      expect(() => statSync(lock())).toThrow('ENOENT');
    });
  });

  describe('that is damaged', () => {
    const changed = async (change: (lines: string[]) => void): Promise<unknown> => {
      const world = await start();
      await world.device('a');
      await world.close();
      const lines = text().split('\n');
      change(lines);
      writeFileSync(journal(), lines.join('\n'));
      return LocalAzure.start({ state: folder }).catch((error: unknown) => error);
    };

    test.each<[string, number, (lines: string[]) => void]>([
      ['no JSON', 2, (lines) => (lines[1] = lines[1]!.slice(1))],
      ['a line without a key', 3, (lines) => (lines[2] = '{}')],
      ['another first line', 1, (lines) => lines.shift()],
      ['a certificate that is none', 3, (lines) => (lines[2] = lines[2]!.replace('BEGIN', 'BEGUN'))],
    ])('%s: file and line are named, and the lock is given back', async (_name, line, change) => {
      expect(await changed(change)).toMatchObject({
        code: 'STATE_FOLDER_DAMAGED',
        message: expect.stringContaining(`${journal()}, line ${line}: `),
      });
      expect(() => statSync(join(folder, 'lock'))).toThrow('ENOENT');
    });

    test('a newer format is left alone', async () => {
      const newer = (lines: string[]): void => void (lines[0] = lines[0]!.replace('"format":1', '"format":2'));
      expect(await changed(newer)).toMatchObject({ code: 'STATE_FOLDER_NEWER' });
    });
  });
});

/** The entries of a journal, as data. */
function entriesOf(content: string): unknown[] {
  return [...readJournal(content, 'journal').values()].map(({ key, value }) => [key, value]);
}

describe('the journal', () => {
  const key = fc.constantFrom(['a', '1'], ['a', '2'], ['b', 'é', '1']);
  const value = fc.option(fc.oneof(fc.string({ unit: 'grapheme' }), fc.record({ n: fc.integer() })), {
    nil: undefined,
  });

  test('cut off at any byte, it holds what its whole lines say', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(key, value), { maxLength: 8 }), (changes) => {
        const lines = [HEADER, ...changes.map(([each, content]) => journalLine(each, content))];
        const bytes = Buffer.from(lines.join(''));
        for (let length = 0; length <= bytes.length; length++) {
          const cut = bytes.subarray(0, length);
          const whole = cut.subarray(0, cut.lastIndexOf(10) + 1).toString();
          expect(entriesOf(cut.toString())).toEqual(entriesOf(whole));
        }
      }),
      { numRuns: 50 },
    );
  });

  test('cut off at any byte, the folder can be opened, and gone on with', async () => {
    const clock = new VirtualClock();
    const first = await StateFolder.open(folder, clock);
    for (let number = 0; number < 5; number++) first.root.shelf('numbers').put(String(number), { number });
    await first.close();
    const whole = readFileSync(journal());
    for (let length = 0; length <= whole.length; length++) {
      writeFileSync(journal(), whole.subarray(0, length));
      const state = await StateFolder.open(folder, clock);
      const count = Math.max(0, whole.subarray(0, length).toString().split('\n').length - 2);
      expect(
        state.root
          .shelf('numbers')
          .entries()
          .map(([id]) => id),
      ).toEqual(['0', '1', '2', '3', '4'].slice(0, count));
      state.root.shelf('more').put('x', length);
      await state.close();
      expect(entriesOf(text())).toHaveLength(count + 1);
    }
  });

  test('is written anew when most of it does not count any more', async () => {
    const state = await StateFolder.open(folder, new VirtualClock());
    const shelf = state.root.shelf<number>('counter');
    for (let number = 0; number < 30_000; number++) {
      shelf.put('same', number);
      if (number % 1000 === 0) await state.saved();
    }
    await state.close();
    expect(text().split('\n').length).toBeLessThan(15_000);
    expect(entriesOf(text())).toEqual([[['counter', 'same'], 29_999]]);
  });
});
