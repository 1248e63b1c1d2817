import { statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';

import { LocalAzure, type AllocationCallback, type LocalAzureOptions } from '../../../src/emulator/index.js';
import type { Credential } from '../../../src/certificates/index.js';
import { hubBackEnd } from '../conformance/back-end.js';
import { register } from '../dps-device.js';
import { HUB, World } from '../support.js';
import { useFolder } from '../../support/folder.js';

const folder = useFolder();
const worlds: World[] = [];
afterEach(async () => {
  for (const world of worlds.splice(0)) await world.azure.close().catch(() => undefined);
});

async function start(options: LocalAzureOptions = {}): Promise<World> {
  const world = await World.create({ state: folder.file('state'), ...options });
  worlds.push(world);
  return world;
}

async function restart(world: World): Promise<World> {
  await world.close();
  return start();
}

function fail(reason: string): never {
  throw new Error(reason);
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
    expect(() => hub.device('gone').twin).toThrow(expect.objectContaining({ code: 'DEVICE_NOT_FOUND' }));
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
    client.acknowledge(await client.next('publish'));
    await before.run(delivery.finished());
    before.hub.device('a').sendC2D('y');
    const after = await restart(before);
    const next = await after.online(credential);
    await next.subscribe('devices/a/messages/devicebound/#', 1);
    expect((await next.next('publish')).payload.toString()).toBe('y');
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

  test('the oldest telemetry of all devices is dropped first, after a start too', async () => {
    const world = await start();
    const [one, other] = [await world.device('one'), await world.device('other')];
    const send = async (at: World, credential: Credential, count: number, length: number): Promise<void> => {
      const id = credential.commonName;
      const client = await at.online(credential);
      for (let sent = 0; sent < count; sent++) {
        client.publish(events(id), Buffer.alloc(length), 1);
        await client.next('puback');
      }
    };
    await send(world, one, 1, 1);
    await world.clock.advance(1000);
    await send(world, other, 1, 1);
    await world.clock.advance(1000);
    await send(world, one, 530, 250_000);
    const again = await restart(world);
    const lengths = (id: string): number[] =>
      again.hub
        .device(id)
        .receivedTelemetry()
        .map(({ body }) => body.length);
    expect([lengths('one').slice(0, 2), lengths('other')]).toEqual([[1, 250_000], [1]]);
    await send(again, one, 10, 250_000);
    expect([lengths('one').slice(0, 2), lengths('other')]).toEqual([[250_000, 250_000], []]);
    expect(lengths('one').length).toBeGreaterThan(500);
  });

  test('a generation is given once, also where the clock begins anew and the identity is gone', async () => {
    const keys = { deviceId: 'a', authentication: { type: 'sas' } } as const;
    const world = await start();
    const first = world.hub.devices.create(keys).generationId;
    world.hub.devices.delete('a');
    const { hub } = await restart(world);
    expect(BigInt(hub.devices.create(keys).generationId)).toBeGreaterThan(BigInt(first));
  });

  test('a generation of a module is given once, too', async () => {
    const world = await start();
    world.hub.devices.create({ deviceId: 'a', authentication: { type: 'sas' } });
    const made = async (where: World): Promise<bigint> => {
      const { json } = await hubBackEnd(where)('PUT /devices/a/modules/m', { body: {} });
      return BigInt(json['generationId'] as string);
    };
    const first = await made(world);
    expect((await hubBackEnd(world)('DELETE /devices/a/modules/m')).status).toBe(204);
    expect(await made(await restart(world))).toBeGreaterThan(first);
  });

  test('only its owner can read the folder, and what is in it, which holds keys', async () => {
    await start();
    for (const path of [folder.file('state'), join(folder.file('state'), 'store')])
      expect(statSync(path).mode & 0o777).toBe(0o700);
    expect(statSync(join(folder.file('state'), 'state.json')).mode & 0o777).toBe(0o600);
  });

  test('without a folder nothing is written, and nothing waits', async () => {
    const { azure } = await start({ state: undefined as never });
    expect(await azure.saved()).toBeUndefined();
    expect(() => statSync(folder.file('state'))).toThrow('ENOENT');
  });

  test('a callback is no data: what needs one says so after a start', async () => {
    const before = await start();
    await before.enroll();
    const { enrollmentGroups } = before.azure.dps;
    enrollmentGroups.update('group', { allocationPolicy: 'custom', allocate: () => ({ hub: before.hub.name }) });
    const { azure } = await restart(before);
    expect(azure.dps.enrollmentGroups.get('group')).not.toHaveProperty('allocate');
  });

  describe('a callback that allocates', () => {
    /** JSON when the callback is asked, and none when it is to be written. */
    const moody = () => {
      let times = 0;
      return {
        toJSON: () => {
          if (times++ > 0) throw new Error('not twice');
          return 1;
        },
      };
    };
    const later = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

    test.each<[string, AllocationCallback, RegExp]>([
      ['throws', () => fail('no database'), /no database/],
      ['throws later', () => later().then(() => fail('no database')), /no database/],
      ['gives what can’t be kept', () => ({ hub: HUB, payload: moody() }), /not twice/],
      ['gives later what can’t be kept', () => later().then(() => ({ hub: HUB, payload: moody() })), /not twice/],
    ])('and %s: the device is told that it failed, and registers then', async (_name, allocate, message) => {
      const world = await start();
      await world.enroll();
      const { enrollmentGroups, registrations } = world.azure.dps;
      enrollmentGroups.update('group', { allocationPolicy: 'custom', allocate });
      const credential = await world.ca.issue({ commonName: 'device-1' });
      const failed = (await register(world, credential, { x: [1] })).body;
      expect(failed).toMatchObject({
        status: 'failed',
        registrationState: { errorCode: 400207, errorMessage: expect.stringMatching(message) },
      });
      enrollmentGroups.update('group', { allocate: () => later().then(() => ({ hub: HUB, payload: { y: 2 } })) });
      expect((await register(world, credential)).body).toMatchObject({
        status: 'assigned',
        registrationState: { payload: { y: 2 } },
      });
      const kept = registrations.list();
      expect((await restart(world)).azure.dps.registrations.list()).toEqual(kept);
    });
  });

  describe('for one emulator at a time', () => {
    test.each<[string, () => string]>([
      ['by the same path', () => folder.file('state')],
      [
        'by a link to it',
        () => {
          symlinkSync(folder.file('state'), join(folder.file('state'), '../link'));
          return join(folder.file('state'), '../link');
        },
      ],
      ['by a detour', () => join(folder.file('state'), '..', 'state', 'store', '..')],
    ])('is refused to a second one of this process, %s', async (_name, path) => {
      await start();
      await expect(LocalAzure.start({ state: path() })).rejects.toMatchObject({
        code: 'STATE_FOLDER_IN_USE',
        message: expect.stringContaining('end that one, or choose another folder'),
      });
    });

    test('is given back', async () => {
      await (await start()).close();
      await (await start()).close();
    });
  });
});
