import { mkdirSync, writeFileSync } from 'node:fs';

import rhea from 'rhea';

import { testWithMount, useSmallDisk } from '../../support/small-disk.js';
import { backEnd } from '../amqp-client.js';
import { World, type RawClient } from '../support.js';

// A file system that is full, for real.

const disk = useSmallDisk();
let world: World | undefined;
// Before the disk goes.
afterEach(async () => {
  await world?.close().catch(() => undefined);
  world = undefined;
});

const state = (): string => disk.file('state');
const events = (deviceId: string): string => `devices/${deviceId}/messages/events/`;
const types = (): readonly string[] =>
  world!.azure
    .events()
    .map(({ type }) => type)
    .filter((type) => type.startsWith('state'));

/** Publishes until one is not acknowledged; returns those that were. */
async function publishUntilRefused(client: RawClient): Promise<readonly string[]> {
  const acknowledged: string[] = [];
  for (let number = 0; number < 1000; number++) {
    const body = `${number}`.padEnd(8000, 'x');
    client.publish(events('a'), body, 1);
    try {
      await client.next('puback');
    } catch {
      return acknowledged;
    }
    acknowledged.push(body);
  }
  throw new Error('the disk never got full');
}

async function recovered(): Promise<void> {
  const deadline = Date.now() + 20_000;
  while (!types().includes('stateWritten')) {
    if (Date.now() > deadline) throw new Error('it does not recover');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

testWithMount(
  'while the disk is full, clients are refused with a reason; then service goes on, and all is there',
  async () => {
    world = await World.create({ state: state() });
    const credential = await world.device('a');
    const client = await world.online(credential);
    const idle = await world.online(await world.device('b'));
    disk.fill();
    const acknowledged = await publishUntilRefused(client);
    await idle.closed();
    expect(types()).toEqual(['stateNotWritten']);
    await expect(world.azure.saved()).rejects.toMatchObject({
      code: 'STATE_NOT_WRITTEN',
      message: expect.stringMatching(/No space left on device.*Make room there/),
    });

    const hub = world.hub.name;
    const refused = await world.open(hub, credential);
    expect(await refused.connect({ clientId: 'a', username: `${hub}/a/?api-version=2021-04-12` })).toMatchObject({
      returnCode: 3,
      sessionPresent: false,
    });
    await refused.closed();
    const closed = world.azure.events().findLast(({ type }) => type === 'connectionClosed');
    expect(closed).toMatchObject({ reason: expect.stringContaining('No space left on device') });
    // Not once per client.
    expect(types()).toEqual(['stateNotWritten']);

    disk.makeRoom();
    await recovered();
    expect(types()).toEqual(['stateNotWritten', 'stateWritten']);
    const again = await world.online(credential);
    again.publish(events('a'), 'after', 1);
    await again.next('puback');
    const inMemory = world.hub
      .device('a')
      .receivedTelemetry()
      .map(({ body }) => body.toString());
    await world.close();
    world = await World.create({ state: state() });
    const onDisk = world.hub
      .device('a')
      .receivedTelemetry()
      .map(({ body }) => body.toString());
    expect(onDisk).toEqual(inMemory);
    expect(onDisk.slice(0, acknowledged.length)).toEqual(acknowledged);
    expect(onDisk.at(-1)).toBe('after');
  },
);

testWithMount('a back end has no message accepted by AMQP that the disk did not take', async () => {
  world = await World.create({ state: state() });
  const ids = Array.from({ length: 20 }, (_, number) => `d${number}`);
  for (const id of ids) world.hub.devices.create({ deviceId: id, authentication: { type: 'sas' } });
  const client = await backEnd(world);
  const sender = await client.sender('/messages/devicebound');
  // Some messages have room.
  writeFileSync(disk.file('filler-half'), Buffer.alloc(2 << 20));
  const accepted = new Map<string, number>(ids.map((id) => [id, 0]));
  // The clock stands: time that passes would end the connection, too.
  const closed = (async () => {
    while (!client.isClosed) await new Promise((resolve) => setTimeout(resolve, 5));
  })();
  for (let number = 0; !client.isClosed; number++) {
    const id = ids[number % ids.length]!;
    const body: unknown = rhea.message.data_section(Buffer.alloc(8000, 'x'));
    const sent = sender.send({ to: `/devices/${id}/messages/devicebound`, body });
    const outcome = await Promise.race([sent, closed]);
    if (outcome === 'accepted') accepted.set(id, accepted.get(id)! + 1);
    else sent.catch(() => undefined);
  }
  expect(types()).toEqual(['stateNotWritten']);
  await expect(world.azure.close()).rejects.toMatchObject({ code: 'STATE_NOT_WRITTEN' });
  disk.makeRoom();
  world = await World.create({ state: state() });
  for (const [id, count] of accepted)
    expect(world.hub.device(id).activity.waitingMessages).toBeGreaterThanOrEqual(count);
  const sum = [...accepted.values()].reduce((one, other) => one + other);
  expect(sum).toBeGreaterThan(10);
  expect(sum).toBeLessThan(1000);
});

testWithMount('an HTTPS request is answered with 503 and the reason', async () => {
  world = await World.create({ state: state() });
  const credential = await world.device('a');
  disk.fill();
  await publishUntilRefused(await world.online(credential));
  const socket = await world.secure(world.hub.name, 443, credential);
  let answer = '';
  socket.on('data', (bytes: Buffer) => (answer += bytes.toString()));
  socket.write(`GET /devices/a/messages/devicebound HTTP/1.1\r\nHost: ${world.hub.name}\r\nConnection: close\r\n\r\n`);
  await world.run(new Promise((resolve) => socket.once('end', resolve)));
  expect(answer).toMatch(/^HTTP\/1.1 503 Service Unavailable\r\n/);
  expect(answer).toMatch(/No space left on device.*\n$/);
  socket.destroy();
});

testWithMount('closed while the disk is full, it says so, and the next start has what was acknowledged', async () => {
  world = await World.create({ state: state() });
  const client = await world.online(await world.device('a'));
  disk.fill();
  const acknowledged = await publishUntilRefused(client);
  await expect(world.azure.close()).rejects.toMatchObject({ code: 'STATE_NOT_WRITTEN' });
  disk.makeRoom();
  world = await World.create({ state: state() });
  const kept = world.hub
    .device('a')
    .receivedTelemetry()
    .map(({ body }) => body.toString());
  expect(kept.slice(0, acknowledged.length)).toEqual(acknowledged);
});

testWithMount('a start on a full disk says so, and leaves a folder that a later start takes', async () => {
  mkdirSync(state());
  disk.fill();
  await expect(World.create({ state: state() })).rejects.toMatchObject({
    code: expect.stringMatching(/^(STATE_NOT_WRITTEN|ENOSPC)$/),
  });
  disk.makeRoom();
  world = await World.create({ state: state() });
});
