import type { Duplex } from 'node:stream';

import rhea from 'rhea';
import { createWebSocketStream } from 'ws';

import { AMQPS, AmqpClient, amqpClient, backEnd, detached, tokenOf } from '../amqp-client.js';
import { frontEvents, HUB, sasToken, upgrade, World } from '../support.js';

let world: World;
beforeEach(async () => {
  world = await World.create();
});
afterEach(() => world.close());

const DEVICEBOUND = '/messages/devicebound';

const refusals = (): unknown[] =>
  frontEvents(world).flatMap((event) => (event.type === 'amqpRefused' ? [event.reason] : []));

const types = rhea.types as unknown as Record<string, (...of: unknown[]) => unknown>;

/** A frame with that performative, and bytes behind it. */
const frame = (performative: Buffer, payload = Buffer.alloc(0), type = 0): Buffer => {
  const head = Buffer.from([0, 0, 0, 0, 2, type, 0, 0]);
  head.writeUInt32BE(8 + performative.length + payload.length);
  return Buffer.concat([head, performative, payload]);
};
const described = (code: number, ...fields: unknown[]): Buffer => {
  const writer = new (
    types as unknown as { Writer: new () => { write(value: unknown): void; toBuffer(): Buffer } }
  ).Writer();
  writer.write(types['described']!(types['wrap_ulong']!(code), types['wrap_list']!(fields)));
  return writer.toBuffer();
};
const HEADER = Buffer.from('AMQP\0\x01\0\0');

describe('a connection', () => {
  test.each([
    ['no SASL', {}],
    ['ANONYMOUS', { username: 'anonymous' }],
    ['MSSBCBS', { sasl_mechanisms: { MSSBCBS: { start: (done: (...of: unknown[]) => void) => done(undefined, '') } } }],
  ])('is open with %s, and has no right before a token is put', async (_name, options) => {
    const client = await amqpClient(world, options as never);
    await expect(client.sender(DEVICEBOUND)).rejects.toMatchObject({
      condition: 'amqp:unauthorized-access',
      description: 'No token was put for messages/devicebound, or it has expired.',
    });
    expect(await client.putToken(HUB, tokenOf(world))).toEqual([200, 'OK']);
    await client.sender(DEVICEBOUND);
    await client.close();
  });

  test('has its rights by PLAIN, with a token as password', async () => {
    const client = await amqpClient(world, { username: 'service@sas.root.contoso', password: tokenOf(world) });
    await client.sender(DEVICEBOUND);
    await client.close();
  });

  test('is refused by PLAIN with a wrong token', async () => {
    const password = tokenOf(world, { resource: 'fabrikam.azure-devices.net' });
    await expect(amqpClient(world, { username: 'service@sas.root.contoso', password })).rejects.toBeDefined();
    expect(refusals()).toEqual([
      'SASL PLAIN of service@sas.root.contoso: the token is for fabrikam.azure-devices.net, not for contoso.azure-devices.net',
    ]);
  });

  test.each([
    ['/$iothub/websocket', 'AMQPWSB10'],
    ['/$iothub/websocket?iothub-no-client-cert=true', 'AMQPWSB10'],
    ['/$servicebus/websocket', 'AMQPWSB10'],
    [`https://${HUB}/$iothub/websocket`, 'AMQPWSB10'],
  ])('is open over a WebSocket at %s', async (path, protocol) => {
    const socket = await upgrade(await world.secure(HUB, 443), path.replace(/^https:\/\/[^/]*/, ''), [protocol]);
    const client = await new AmqpClient(world, createWebSocketStream(socket)).open();
    expect(await client.putToken(HUB, tokenOf(world))).toEqual([200, 'OK']);
    await client.sender(DEVICEBOUND);
    await client.close();
  });

  test('a WebSocket for events takes no MQTT', async () => {
    await expect(upgrade(await world.secure(HUB, 443), '/$servicebus/websocket', ['mqtt'])).rejects.toThrow('400');
  });

  test('to a name that no hub has is closed, in words', async () => {
    const stream = await world.secure('global.azure-devices-provisioning.net', 8883);
    const client = new AmqpClient(world, stream, { hostname: 'global.azure-devices-provisioning.net' });
    await client.open().catch(() => undefined);
    await client.closed();
    expect(client.error).toMatchObject({
      condition: 'amqp:not-found',
      description: expect.stringContaining('DPS and devices speak MQTT') as string,
    });
  });

  test('that says nothing is closed after 30 s, on the clock', async () => {
    const stream = await world.secure(HUB, AMQPS);
    stream.on('error', () => undefined).on('end', () => stream.end());
    stream.write(HEADER);
    const closed = new Promise<string>((resolve) => stream.resume().on('close', () => resolve('closed')));
    const before = world.clock.now();
    expect(await world.run(closed)).toBe('closed');
    expect(world.clock.now() - before).toBe(30_000);
  });

  test('that is silent for 240 s is closed; the client is told of 120 s', async () => {
    const client = await amqpClient(world);
    expect(client.connection.idle_time_out).toBe(120_000);
    await world.clock.advance(239_000);
    expect(client.isClosed).toBe(false);
    await world.clock.advance(1_000);
    await client.closed();
    expect(client.error).toMatchObject({ condition: 'amqp:connection:forced' });
  });

  test.each([
    [10_000, 5],
    [1, 59],
  ])(
    'has empty frames as often as the client asks, but not more often than each 500 ms: %d ms',
    async (idle, count) => {
      const stream = await world.secure(HUB, AMQPS);
      const heard: Buffer[] = [];
      stream.on('error', () => undefined).on('end', () => stream.end());
      stream.on('data', (bytes: Buffer) => heard.push(bytes));
      stream.write(Buffer.concat([HEADER, frame(described(0x10, 'a', HUB, null, null, types['wrap_uint']!(idle)))]));
      await world.clock.advance(30_000);
      const empty = heard.filter((bytes) => bytes.equals(Buffer.from('0000000802000000', 'hex')));
      expect(empty).toHaveLength(count);
      stream.destroy();
    },
  );
});

describe('put-token', () => {
  test.each([
    ['another key', (): string => sasToken(Buffer.alloc(32).toString('base64'), HUB, Infinity, { keyName: 'service' })],
    ['an unknown policy', (): string => tokenOf(world).replace('iothubowner', 'nobody')],
    ['an expired token', (): string => tokenOf(world, { expiresIn: -1000 })],
    ['another host', (): string => tokenOf(world, { resource: 'fabrikam.azure-devices.net' })],
    ['a Bearer token', (): string => 'Bearer eyJ'],
  ])('is answered 401 with %s', async (_what, token) => {
    const client = await amqpClient(world);
    const said = token();
    const [status, description] = await client.putToken(HUB, said);
    expect([status, description]).toEqual([401, expect.stringMatching(/^Unauthorized: /)]);
    expect(refusals()).toHaveLength(1);
    expect(JSON.stringify(refusals())).not.toContain(said.slice(-20));
    await expect(client.sender(DEVICEBOUND)).rejects.toMatchObject({ condition: 'amqp:unauthorized-access' });
    await client.close();
  });

  test('is answered 400 where it is something else', async () => {
    const client = await amqpClient(world);
    const answer = await client.request('$cbs', { application_properties: { operation: 'delete-token' }, body: 'x' });
    expect(answer.application_properties).toMatchObject({ 'status-code': 400 });
    await client.close();
  });

  test.each([
    ['a text', 'm'],
    ['a UUID', Buffer.from('00112233445566778899aabbccddeeff', 'hex')],
    ['a number', 0],
  ])('is answered with its message id as correlation id: %s', async (_name, id) => {
    const client = await amqpClient(world);
    const answer = await client.request('$cbs', { message_id: id, body: '' });
    expect(answer.correlation_id).toEqual(id);
    await client.close();
  });

  test('is answered without reply-to', async () => {
    const client = await amqpClient(world);
    expect(await client.putToken(`https://${HUB}`, tokenOf(world), undefined)).toEqual([200, 'OK']);
    await client.close();
  });

  test('for a device says what there is for devices', async () => {
    const { primaryKey } = world.hub.policies.get('device').keys;
    const client = await amqpClient(world);
    const audience = `${HUB}/devices/d`;
    const [status, description] = await client.putToken(audience, sasToken(primaryKey, audience, Infinity));
    expect([status, description]).toEqual([401, expect.stringContaining('MQTT')]);
    await client.close();
  });

  test.each(['device', 'registryRead', 'registryReadWrite'])('with the policy %s lets send nothing', async (policy) => {
    const client = await backEnd(world, policy);
    await expect(client.sender(DEVICEBOUND)).rejects.toMatchObject({
      condition: 'amqp:unauthorized-access',
      description: expect.stringContaining('no right ServiceConnect') as string,
    });
    await client.close();
  });

  test('for a part of it gives rights to that part', async () => {
    const client = await amqpClient(world);
    const feedback = '/messages/serviceBound/feedback';
    await client.putToken(`${HUB}${feedback}`, tokenOf(world));
    await client.receiver(feedback);
    await expect(client.sender(DEVICEBOUND)).rejects.toMatchObject({ condition: 'amqp:unauthorized-access' });
    await client.close();
  });

  test('anew keeps links, and the end of the last token ends them', async () => {
    const client = await amqpClient(world);
    await client.putToken(HUB, tokenOf(world, { expiresIn: 60_000 }));
    const { link } = await client.sender(DEVICEBOUND);
    await world.clock.advance(50_000);
    await client.putToken(HUB, tokenOf(world, { expiresIn: 60_000 }));
    await world.clock.advance(50_000);
    expect(link.is_open()).toBe(true);
    const before = world.clock.now();
    expect(await world.run(detached(link))).toMatchObject({ condition: 'amqp:unauthorized-access' });
    expect(world.clock.now() - before).toBe(10_000);
    await client.close();
  });
});

describe('a link', () => {
  test.each([
    ['/messages/nothing', 'amqp:not-found', 'It has /messages/devicebound'],
    ['', 'amqp:not-found', 'an empty address'],
    ['/devices/d/messages/events', 'amqp:not-implemented', 'MQTT'],
    ['/messages/serviceBound/feedback', 'amqp:not-allowed', 'No client sends'],
  ])('to %s is refused', async (address, condition, words) => {
    const client = await backEnd(world);
    await expect(client.sender(address)).rejects.toMatchObject({
      condition,
      description: expect.stringContaining(words) as string,
    });
    expect(refusals()).toHaveLength(1);
    await client.close();
  });

  test('that would receive where nothing comes from is refused', async () => {
    const client = await backEnd(world);
    await expect(client.receiver(DEVICEBOUND)).rejects.toMatchObject({ condition: 'amqp:not-allowed' });
    await client.close();
  });

  test('names what it is attached to, host and scheme or not', async () => {
    const client = await backEnd(world);
    const address = `amqps://${HUB}/messages/devicebound`;
    const { link } = await client.sender(address);
    expect(link.target.address).toBe(address);
    await client.close();
  });
});

describe('what is malformed', () => {
  const OPEN = described(0x10, 'attacker', HUB);
  const BEGIN = described(0x11, null, types['wrap_uint']!(0), types['wrap_uint']!(1), types['wrap_uint']!(1));
  const ATTACH = (name: string, handle: number): Buffer =>
    described(0x12, name, types['wrap_uint']!(handle), types['wrap_boolean']!(false));
  /** An array of four billion nulls, in 11 bytes. */
  const BOMB = Buffer.from('f000000005ffffffff40', 'hex');
  const nested = (depth: number): Buffer => {
    let value = Buffer.from([0x40]);
    for (let i = 0; i < depth; i++) {
      const head = Buffer.from([0xd0, 0, 0, 0, 0, 0, 0, 0, 1]);
      head.writeUInt32BE(4 + value.length, 1);
      value = Buffer.concat([head, value]);
    }
    return value;
  };

  const closedBy = async (...said: Buffer[]): Promise<{ bytes: Buffer; reason: string }> => {
    const stream: Duplex = await world.secure(HUB, AMQPS);
    const heard: Buffer[] = [];
    stream.on('error', () => undefined).on('end', () => stream.end());
    stream.on('data', (bytes: Buffer) => heard.push(bytes));
    const closed = new Promise((resolve) => stream.on('close', resolve));
    stream.write(Buffer.concat([HEADER, ...said]));
    const before = world.clock.now();
    await world.run(closed);
    expect(world.clock.now()).toBe(before);
    return { bytes: Buffer.concat(heard), reason: String(refusals().at(-1)) };
  };

  test.each<[string, readonly Buffer[], string]>([
    ['a frame of 0 bytes', [Buffer.alloc(16)], 'a frame of 0 bytes'],
    ['a frame of 4 GiB', [Buffer.alloc(16, 0xff)], 'a frame of 4294967295 bytes'],
    ['a data offset beyond the frame', [Buffer.from('00000008ff000000', 'hex')], 'data offset'],
    ['a frame type that is none', [frame(OPEN, undefined, 7)], 'frame type 7'],
    ['a performative that is none', [frame(described(0x30))], 'no performative'],
    ['a performative without descriptor', [frame(Buffer.from('45', 'hex'))], 'without a descriptor'],
    ['a type code that is none', [frame(Buffer.from('005310ff', 'hex'))], 'type code 0xff'],
    ['a list that is longer than the frame', [frame(Buffer.from('005310c0ff01', 'hex'))], 'not whole'],
    ['a list with another count', [frame(Buffer.from('005310c0030540', 'hex'))], 'not whole'],
    ['a frame size below 512', [frame(described(0x10, 'a', HUB, types['wrap_uint']!(60)))], '512'],
    ['four billion nulls', [frame(Buffer.concat([Buffer.from('005310d00000000e00000001', 'hex'), BOMB]))], 'values'],
    [
      'descriptors of descriptors',
      [frame(Buffer.concat([Buffer.from('0053', 'hex'), Buffer.from([0x10]), Buffer.alloc(1000)]))],
      'deep',
    ],
    ['a second open', [frame(OPEN), frame(OPEN)], 'Open already received'],
    ['begin before open is no fault, attach on no session is', [frame(OPEN), frame(ATTACH('a', 0))], 'invalid channel'],
    [
      'a disposition of four billion deliveries',
      [
        frame(OPEN),
        frame(BEGIN),
        frame(described(0x15, types['wrap_boolean']!(true), types['wrap_uint']!(0), types['wrap_uint']!(4294967295))),
      ],
      'more than 4096 deliveries',
    ],
    ['a transfer on no link', [frame(OPEN), frame(BEGIN), frame(described(0x14, types['wrap_uint']!(3)))], 'no credit'],
    ['257 sessions', [frame(OPEN), ...Array.from({ length: 257 }, () => frame(BEGIN))], '256 sessions'],
    [
      '513 links',
      [frame(OPEN), frame(BEGIN), ...Array.from({ length: 513 }, (_, i) => frame(ATTACH(`l${i}`, i)))],
      '512 links',
    ],
    [
      'lists that are 100 deep',
      [frame(described(0x10, 'a')), frame(Buffer.concat([Buffer.from('005311', 'hex'), nested(100)]))],
      'deep',
    ],
  ])('%s ends the connection, and no other', async (_name, said, words) => {
    const { reason } = await closedBy(...said);
    expect(reason).toContain(words);
    const client = await backEnd(world);
    await client.close();
  });

  test('another version is told what there is', async () => {
    const stream = await world.secure(HUB, AMQPS);
    const closed = new Promise((resolve) => stream.on('close', resolve));
    stream.on('error', () => undefined).on('end', () => stream.end());
    stream.resume().write('AMQP\0\0\x09\x01');
    await world.run(closed);
    expect(refusals()).toEqual(['malformed AMQP: It is another protocol than AMQP 1.0.']);
  });
});
