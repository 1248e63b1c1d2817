import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';

import rhea from 'rhea';

import { LocalAzure } from '../../../src/emulator/index.js';
import { AMQPS, AmqpClient, coming, detached, tokenOf } from '../amqp-client.js';
import { hubConnect, HUB, World, type RawClient } from '../support.js';

const EVENTS = 'iothub-ns-contoso.servicebus.windows.net';
const SELECTOR = 'apache.org:selector-filter:string';

let world: World;
let client: AmqpClient;
let device: RawClient;
const begin = async (hub: object = { partitions: 1 }): Promise<void> => {
  world = await World.create({ hub });
  client = await consumer();
  const credential = await world.device('d');
  device = await world.open(HUB, credential);
  await device.connect(hubConnect('d'));
};
afterEach(() => world.close());

async function consumer(): Promise<AmqpClient> {
  const opened = new AmqpClient(world, await world.secure(EVENTS, AMQPS), { hostname: EVENTS });
  await opened.open();
  const resource = `sb://${EVENTS}/contoso`;
  expect(await opened.putToken(resource, tokenOf(world, { policy: 'service', resource }))).toEqual([200, 'OK']);
  return opened;
}

const address = (partition: number | string = 0, group = '$Default'): string =>
  `contoso/ConsumerGroups/${group}/Partitions/${partition}`;

const filtered = (expression: string): object => ({
  [SELECTOR]: rhea.types.wrap_described(expression, SELECTOR),
});

const send = async (body: string, bag = ''): Promise<void> => {
  device.publish(`devices/d/messages/events/${bag}`, body, 1);
  await device.next('puback');
};

type Received = { body: { content: Buffer }; message_annotations: Record<string, unknown> } & Record<string, unknown>;

/** So many messages, of a new receiver. */
async function read(count: number, options: object = {}, from = address()): Promise<Received[]> {
  const receiver = await client.receiver(from, { credit: 0, ...options });
  const got: Received[] = [];
  const all = new Promise<void>((resolve) =>
    receiver.on('message' as never, ({ message, delivery }: { message: Received; delivery: { accept(): void } }) => {
      delivery.accept();
      if (got.push(message) === count) resolve();
    }),
  );
  receiver.add_credit(count);
  await world.run(all);
  receiver.close();
  return got;
}

const textOf = ({ body }: Received): string => body.content.toString();

describe('events', () => {
  test('have all that came with them, and what the hub knows', async () => {
    await begin();
    await send('{"t":1}', '$.ct=application%2Fjson&$.ce=utf-8&$.mid=m&$.cid=c&$.uid=u&$.sub=thermostat&k=v&empty=');
    const [event] = await read(1);
    const at = new Date(world.clock.now());
    expect(textOf(event!)).toBe('{"t":1}');
    expect(event).toMatchObject({
      ...{ message_id: 'm', correlation_id: 'c', user_id: Buffer.from('u') },
      ...{ content_type: 'application/json', content_encoding: 'utf-8' },
      application_properties: { k: 'v', empty: '' },
      message_annotations: {
        'iothub-connection-device-id': 'd',
        'iothub-connection-auth-method':
          '{"scope":"device","type":"x509Thumbprint","issuer":"external","acceptingIpFilterRule":null}',
        'iothub-connection-auth-generation-id': world.hub.devices.get('d').generationId,
        'iothub-enqueuedtime': at,
        'iothub-message-source': 'Telemetry',
        'dt-subject': 'thermostat',
        'x-opt-sequence-number': 0,
        'x-opt-offset': '0',
        'x-opt-enqueued-time': at,
      },
    });
  });

  test('of a device are in one partition, of many in all', async () => {
    await begin({ partitions: 4 });
    const counts = [0, 0, 0, 0];
    for (let i = 0; i < 40; i++) {
      const { eventHub } = world.hub;
      const before = eventHub.partitions.map(({ next }) => next);
      const credential = await world.device(`d${i}`);
      const other = await world.open(HUB, credential);
      await other.connect(hubConnect(`d${i}`));
      for (let n = 0; n < 2; n++) {
        other.publish(`devices/d${i}/messages/events/`, 'x', 1);
        await other.next('puback');
      }
      const grown = eventHub.partitions.map(({ next }, index) => next - before[index]!);
      expect([...grown].sort()).toEqual([0, 0, 0, 2]);
      counts[grown.indexOf(2)]!++;
    }
    expect(Math.min(...counts)).toBeGreaterThan(0);
  });

  test('come as they are sent, each once, by credit', async () => {
    await begin();
    const receiver = await client.receiver(address(), { credit: 1 });
    const got: string[] = [];
    receiver.on('message' as never, ({ message, delivery }: { message: Received; delivery: { accept(): void } }) => {
      got.push(textOf(message));
      delivery.accept();
    });
    for (let i = 0; i < 3; i++) await send(String(i));
    await world.clock.advance(1000);
    expect(got).toEqual(['0']);
    receiver.add_credit(5);
    await world.clock.advance(1000);
    expect(got).toEqual(['0', '1', '2']);
  });

  test('that the log of their device has dropped are skipped', async () => {
    await begin({ partitions: 1, telemetryLimit: 2 });
    for (let i = 0; i < 1500; i++) device.publish('devices/d/messages/events/', String(i), 1);
    await send('last');
    const [first, second] = await read(2);
    expect([textOf(first!), textOf(second!)]).toEqual(['1499', 'last']);
    expect(second!.message_annotations['x-opt-sequence-number']).toBe(1500);
    expect((await partitionOf('0')).body).toMatchObject({
      begin_sequence_number: 1499,
      last_enqueued_sequence_number: 1500,
    });
  });

  test('are there to everybody who reads, and to two consumer groups', async () => {
    await begin({ partitions: 1, consumerGroups: ['second'] });
    await send('a');
    for (const group of ['$Default', '$default', 'SECOND', 'second'])
      expect((await read(1, {}, address(0, group))).map(textOf)).toEqual(['a']);
  });

  test('outlive the emulator where it keeps its state', async () => {
    const folder = await mkdtemp(`${tmpdir()}/sphere-iot-events-`);
    world = await World.create({ state: folder, hub: { partitions: 1 } });
    const credential = await world.device('d');
    device = await world.open(HUB, credential);
    await device.connect(hubConnect('d'));
    await send('a');
    await send('b');
    await world.azure.close();
    const azure = await LocalAzure.start({ clock: world.clock, state: folder, hub: { partitions: 1 } });
    const [partition] = azure.hub().eventHub.partitions;
    expect([partition!.from(0), partition!.from(1)]).toMatchObject([
      { sequenceNumber: 0, deviceId: 'd', telemetry: { body: Buffer.from('a') } },
      { sequenceNumber: 1, telemetry: { body: Buffer.from('b') } },
    ]);
    await azure.close();
    await rm(folder, { recursive: true });
  });
});

describe('a filter', () => {
  test.each([
    [`amqp.annotation.x-opt-offset > '-1'`, '0'],
    [`amqp.annotation.x-opt-offset > '0'`, '1'],
    [`amqp.annotation.x-opt-offset >= '1'`, '1'],
    [`amqp.annotation.x-opt-sequence-number > '1'`, '2'],
    [`amqp.annotation.x-opt-sequence-number >= '2'`, '2'],
    [`amqp.annotation.x-opt-offset > '@latest'`, 'new'],
    [`amqp.annotation.x-opt-enqueued-time > '0'`, '0'],
    [`amqp.annotation.x-opt-enqueuedtimeutc >= 'NOW'`, '2'],
    [`amqp.annotation.x-opt-enqueued-time > 'NOW'`, 'new'],
  ])('%s begins with %s', async (expression, expected) => {
    await begin();
    for (const body of ['0', '1', '2']) {
      await world.clock.advance(1000);
      await send(body);
    }
    const filter = filtered(expression.replace('NOW', String(world.clock.now())));
    const receiver = await client.receiver(address(), { filter, credit: 1 });
    const first = coming(receiver);
    await world.clock.advance(1000);
    if (expected === 'new') await send('new');
    expect(textOf((await world.run(first)).message as unknown as Received)).toBe(expected);
  });

  test.each(["x > '1'", "amqp.annotation.x-opt-offset > 'x'", "amqp.annotation.x-opt-offset < '1'", ''])(
    '%s is refused',
    async (expression) => {
      await begin();
      await expect(client.receiver(address(), { filter: filtered(expression) })).rejects.toMatchObject({
        condition: 'com.microsoft:argument-error',
      });
    },
  );
});

describe('an address', () => {
  test.each([
    [address(4), 'com.microsoft:argument-out-of-range'],
    [address('x'), 'com.microsoft:argument-out-of-range'],
    [`${address()}/more`, 'com.microsoft:argument-out-of-range'],
    [address(0, 'third'), 'amqp:not-found'],
    ['fabrikam/ConsumerGroups/$Default/Partitions/0', 'amqp:unauthorized-access'],
  ])('%s is refused', async (where, condition) => {
    await begin();
    const refused = condition === 'amqp:unauthorized-access' ? 'amqp:not-found' : condition;
    await expect(client.receiver(where)).rejects.toMatchObject({ condition: refused });
  });

  test('messages/events of the hub leads to the endpoint', async () => {
    await begin();
    const hub = new AmqpClient(world, await world.secure(HUB, AMQPS));
    await hub.open();
    await hub.putToken(HUB, tokenOf(world));
    await expect(hub.receiver('messages/events/')).rejects.toMatchObject({
      condition: 'amqp:link:redirect',
      info: { hostname: EVENTS, port: 5671, address: `amqps://${EVENTS}:5671/contoso` },
    });
  });

  test('has nobody but devices send', async () => {
    await begin();
    await expect(client.sender(address())).rejects.toMatchObject({ condition: 'amqp:not-allowed' });
    await expect(client.sender('contoso')).rejects.toMatchObject({ condition: 'amqp:not-found' });
  });

  test('of another path than the token is for is refused', async () => {
    await begin();
    const other = new AmqpClient(world, await world.secure(EVENTS, AMQPS), { hostname: EVENTS });
    await other.open();
    const resource = `sb://${EVENTS}/contoso/$management`;
    await other.putToken(resource, tokenOf(world, { resource }));
    await expect(other.receiver(address())).rejects.toMatchObject({ condition: 'amqp:unauthorized-access' });
    await other.request('$management', {
      application_properties: { operation: 'READ', type: 'com.microsoft:eventhub' },
    });
  });
});

describe('an epoch', () => {
  const epoch = (level: number): Record<string, unknown> => ({
    properties: { 'com.microsoft:epoch': rhea.types.wrap_long(level) },
    credit: 1,
  });

  test.each([
    ['a higher one', epoch(2)],
    ['the same', epoch(1)],
  ])('ends those that are lower when %s comes', async (_name, options) => {
    await begin();
    const low = await client.receiver(address(), epoch(1));
    const ended = detached(low);
    const other = await consumer();
    await other.receiver(address(), options);
    expect(await world.run(ended)).toMatchObject({ condition: 'amqp:link:stolen' });
    await send('a');
  });

  test('ends receivers without one', async () => {
    await begin();
    const shared = await client.receiver(address());
    const ended = detached(shared);
    await (await consumer()).receiver(address(), epoch(0));
    expect(await world.run(ended)).toMatchObject({ condition: 'amqp:link:stolen' });
  });

  test.each<[string, Record<string, unknown>]>([
    ['a lower one', epoch(1)],
    ['none', {}],
  ])('keeps out %s', async (_name, options) => {
    await begin();
    const high = await client.receiver(address(), epoch(2));
    await expect((await consumer()).receiver(address(), options)).rejects.toMatchObject({
      condition: 'amqp:link:stolen',
    });
    expect(high.is_open()).toBe(true);
    high.close();
    await world.clock.advance(1);
    await client.receiver(address(), options);
  });

  test('of another partition or consumer group does not count', async () => {
    await begin({ partitions: 2, consumerGroups: ['second'] });
    await client.receiver(address(), epoch(2));
    await client.receiver(address(1), epoch(1));
    await client.receiver(address(0, 'second'), epoch(1));
  });

  test('is a number', async () => {
    await begin();
    const options = { properties: { 'com.microsoft:epoch': 'high' } };
    await expect(client.receiver(address(), options)).rejects.toMatchObject({
      condition: 'com.microsoft:argument-error',
    });
  });

  test('without one, five read together, and a sixth is refused', async () => {
    await begin();
    for (let i = 0; i < 5; i++) await client.receiver(address());
    await expect(client.receiver(address())).rejects.toMatchObject({ condition: 'amqp:resource-limit-exceeded' });
  });
});

const ask = (properties: object) => client.request('$management', { application_properties: properties });
const partitionOf = (partition: string) =>
  ask({ operation: 'READ', name: 'contoso', type: 'com.microsoft:partition', partition });

describe('$management', () => {
  test('tells of the hub and of an empty partition', async () => {
    await begin({ partitions: 2 });
    const hub = await ask({ operation: 'READ', name: 'contoso', type: 'com.microsoft:eventhub' });
    expect(hub.application_properties).toMatchObject({ 'status-code': 200 });
    expect(hub.body).toMatchObject({ name: 'contoso', partition_count: 2, partition_ids: ['0', '1'] });
    expect((await partitionOf('1')).body).toMatchObject({
      ...{ partition: '1', begin_sequence_number: 0, last_enqueued_sequence_number: -1 },
      ...{ last_enqueued_offset: '-1', is_partition_empty: true },
    });
  });

  test('tells of what a partition has', async () => {
    await begin();
    await send('a');
    await send('b');
    expect((await partitionOf('0')).body).toMatchObject({
      ...{ begin_sequence_number: 0, last_enqueued_sequence_number: 1, last_enqueued_offset: '1' },
      ...{ last_enqueued_time_utc: new Date(world.clock.now()), is_partition_empty: false },
    });
  });

  test('refuses what it does not know', async () => {
    await begin();
    expect((await partitionOf('1')).application_properties).toMatchObject({ 'status-code': 404 });
    const other = { operation: 'CREATE', type: 'com.microsoft:eventhub' };
    expect((await ask(other)).application_properties).toMatchObject({ 'status-code': 400 });
  });
});
