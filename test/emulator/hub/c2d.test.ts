import type { Credential } from '../../../src/certificates/index.js';
import { HUB, hubConnect, World, type RawClient } from '../support.js';

const FILTER = 'devices/device-1/messages/devicebound/#';
const TO = 'devices/device-1/messages/devicebound/%24.to=%2Fdevices%2Fdevice-1%2Fmessages%2FdeviceBound';
const HOUR = 3_600_000;

describe('cloud-to-device messages', () => {
  let world: World;
  let credential: Credential;

  beforeEach(async () => {
    world = await World.create();
    credential = await world.device('device-1');
  });
  afterEach(() => world.close());

  const device = () => world.hub.device('device-1');
  const bodies = async (client: RawClient, count: number): Promise<string[]> => {
    const seen: string[] = [];
    for (let i = 0; i < count; i++) seen.push((await client.next('publish')).payload.toString());
    return seen;
  };
  const subscribed = async (options: object = {}): Promise<RawClient> => {
    const client = await world.online(credential, options);
    await client.subscribe(FILTER, 1);
    return client;
  };

  test('reach a subscribed device in the captured form, and are completed by its PUBACK', async () => {
    const client = await subscribed();
    const delivery = device().sendC2D('{"on":true}', {
      properties: { 'k&1': 'v w/ü', empty: '', none: null },
      messageId: 'm 1',
      correlationId: 'c',
      contentType: 'application/json',
      contentEncoding: 'utf-8',
      ack: 'full',
      ttlMs: HOUR,
    });
    const packet = await client.next('publish');
    expect(packet).toMatchObject({ qos: 1, dup: false, retain: false, messageId: 1 });
    expect(packet.topic).toBe(
      `${TO}&%24.mid=m%201&%24.cid=c&%24.exp=2026-01-01T01%3A00%3A00.000Z&%24.ct=application%2Fjson&%24.ce=utf-8` +
        '&iothub-ack=full&k%261=v%20w%2F%C3%BC&empty=&none',
    );
    expect(packet.payload.toString()).toBe('{"on":true}');
    expect(delivery.outcome).toBeUndefined();
    client.send({ cmd: 'puback', messageId: 1 });
    await expect(world.run(delivery.finished())).resolves.toMatchObject({ status: 'completed' });
    expect(delivery).toMatchObject({ messageId: 'm 1', deliveryCount: 1, deviceId: 'device-1' });
  });

  test('wait for the subscription, and come after its SUBACK, in order', async () => {
    device().sendC2D('1');
    const client = await world.online(credential);
    device().sendC2D(Buffer.from('2'));
    await world.clock.advance(1);
    expect(client.received).toEqual([]);
    client.send({ cmd: 'subscribe', messageId: 9, subscriptions: [{ topic: FILTER, qos: 1 }] });
    expect(await bodies(client, 2)).toEqual(['1', '2']);
    expect(client.received.map(({ cmd }) => cmd)).toEqual(['suback']);
    client.publish(FILTER.replace('devicebound/#', 'events/'), 'x', 1);
    await client.next('puback');
  });

  test('without properties have only their address', async () => {
    const client = await subscribed();
    device().sendC2D('x');
    expect((await client.next('publish')).topic).toBe(TO);
  });

  test('are sent again with DUP and their packet id when a device comes back to its session', async () => {
    const client = await subscribed();
    const deliveries = ['a', 'b', 'c'].map((body) => device().sendC2D(body));
    expect(await bodies(client, 3)).toEqual(['a', 'b', 'c']);
    client.send({ cmd: 'puback', messageId: 2 });
    await world.run(deliveries[1]!.finished());
    client.socket.destroy();
    await world.run(device().disconnected());
    deliveries.push(device().sendC2D('d'));

    const again = await world.open(HUB, credential);
    expect((await again.connect(hubConnect('device-1'))).sessionPresent).toBe(true);
    const packets = [await again.next('publish'), await again.next('publish'), await again.next('publish')];
    expect(packets.map(({ payload, dup, messageId }) => [payload.toString(), dup, messageId])).toEqual([
      ['a', true, 1],
      ['c', true, 3],
      ['d', false, 2],
    ]);
    again.send(...[1, 2, 3].map((messageId) => ({ cmd: 'puback' as const, messageId })));
    for (const delivery of deliveries) expect((await world.run(delivery.finished())).status).toBe('completed');
    expect(deliveries.map(({ deliveryCount }) => deliveryCount)).toEqual([2, 1, 2, 1]);
  });

  test('are sent anew to a session that begins anew', async () => {
    const clean = await subscribed({ clean: true });
    device().sendC2D('a');
    await clean.next('publish');
    clean.send({ cmd: 'disconnect' });
    await clean.closed();
    const client = await world.online(credential);
    await client.subscribe(FILTER, 1);
    expect(await client.next('publish')).toMatchObject({ dup: false, messageId: 1 });
  });

  test('are dropped by a clean session', async () => {
    const delivery = device().sendC2D('a');
    const client = await subscribed({ clean: true });
    expect(delivery.outcome).toMatchObject({ status: 'purged', reason: expect.stringContaining('clean session') });
    expect(client.received).toEqual([]);
    device().sendC2D('b');
    expect(await bodies(client, 1)).toEqual(['b']);
  });

  test('expire by the clock: after an hour, or as told', async () => {
    const { clock } = world;
    const start = clock.now();
    const client = await subscribed();
    const plain = device().sendC2D('plain', { ack: 'positive' });
    const short = device().sendC2D('short', { ttlMs: 1000, ack: 'negative', messageId: 's' });
    const dated = device().sendC2D('dated', { expiryTimeUtc: new Date(start + 2000).toISOString() });
    await bodies(client, 3);
    await clock.advance(HOUR - 1);
    expect(plain.outcome).toBeUndefined();
    // Too late.
    client.send({ cmd: 'puback', messageId: 2 });
    await clock.advance(1);
    const ends = [plain, short, dated].map(({ outcome }) => [outcome?.status, (outcome?.at ?? 0) - start]);
    expect(ends).toEqual([
      ['expired', HOUR],
      ['expired', 1000],
      ['expired', 2000],
    ]);
    expect(world.hub.feedback()).toMatchObject([{ originalMessageId: 's', statusCode: 'Expired' }]);
  });

  test('fit 50 times; the 51st is refused with 403004', async () => {
    for (let i = 0; i < 50; i++) device().sendC2D('x');
    expect(() => device().sendC2D('x')).toThrow(
      expect.objectContaining({
        code: 'DEVICE_MAXIMUM_QUEUE_DEPTH_EXCEEDED',
        message: expect.stringContaining('403004'),
      }),
    );
    expect(device().purge()).toBe(50);
    const after = device().sendC2D('x');
    expect(device().purge()).toBe(1);
    expect(after.outcome).toMatchObject({ status: 'purged' });
  });

  test('are given up after as many deliveries as the hub is told', async () => {
    await world.close();
    world = await World.create({ hub: { maxDeliveryCount: 2 } });
    credential = await world.device('device-1');
    const delivery = device().sendC2D('x', { ack: 'negative' });
    for (let i = 0; i < 2; i++) {
      const client = await subscribed();
      await client.next('publish');
      client.socket.destroy();
      await world.run(device().disconnected());
    }
    const client = await subscribed();
    expect(client.received).toEqual([]);
    expect(delivery.outcome).toMatchObject({ status: 'deliveryCountExceeded' });
    expect(world.hub.feedback()).toMatchObject([{ statusCode: 'DeliveryCountExceeded' }]);
  });

  test('are told of by feedback in the shape of the service, as far as it was asked for', async () => {
    const client = await subscribed();
    const told: unknown[] = [];
    const stop = world.hub.onFeedback((record) => told.push(record));
    const [none, positive] = [device().sendC2D('1'), device().sendC2D('2', { ack: 'positive' })];
    device().sendC2D('3', { ack: 'negative' });
    client.send({ cmd: 'puback', messageId: 1 }, { cmd: 'puback', messageId: 2 }, { cmd: 'puback', messageId: 3 });
    await world.clock.advance(1);
    device().sendC2D('4', { ack: 'negative', messageId: 'four' });
    device().purge();
    stop();
    const { generationId } = world.hub.devices.get('device-1');
    expect(world.hub.feedback()).toEqual([
      {
        originalMessageId: positive!.messageId,
        enqueuedTimeUtc: '2026-01-01T00:00:00.000Z',
        statusCode: 'Success',
        description: 'Success',
        deviceId: 'device-1',
        deviceGenerationId: generationId,
      },
      expect.objectContaining({ originalMessageId: 'four', statusCode: 'Purged' }),
    ]);
    expect(told).toEqual(world.hub.feedback());
    expect(none!.messageId).toBeUndefined();
  });

  test('to a subscription of QoS 0 are done when they are sent', async () => {
    const client = await world.online(credential);
    await client.subscribe(FILTER, 0);
    const delivery = device().sendC2D('x');
    expect(await client.next('publish')).toMatchObject({ qos: 0, dup: false });
    expect(delivery.outcome).toMatchObject({ status: 'completed' });
  });

  test('stop after UNSUBSCRIBE', async () => {
    const client = await subscribed();
    client.send({ cmd: 'unsubscribe', messageId: 7, unsubscriptions: [FILTER] });
    await client.next('unsuback');
    const delivery = device().sendC2D('x');
    await world.clock.advance(1);
    expect([client.received, delivery.deliveryCount]).toEqual([[], 0]);
  });

  test('are refused for no device, too large, or with no time; and end with the device or the emulator', async () => {
    const code = (value: string) => expect.objectContaining({ code: value });
    expect(() => world.hub.device('x').sendC2D('x')).toThrow(code('DEVICE_NOT_FOUND'));
    expect(() => device().sendC2D(Buffer.alloc(65_537))).toThrow(code('C2D_MESSAGE_TOO_LARGE'));
    expect(() => device().sendC2D(Buffer.alloc(65_536), { properties: { a: '' } })).toThrow(
      code('C2D_MESSAGE_TOO_LARGE'),
    );
    expect(() => device().sendC2D('x', { expiryTimeUtc: 'soon' })).toThrow(code('C2D_EXPIRY_INVALID'));
    const deleted = device().sendC2D('x');
    world.hub.devices.delete('device-1');
    expect(deleted.outcome).toMatchObject({ status: 'purged', reason: 'the device was deleted' });
    await world.device('device-1');
    const open = expect(device().sendC2D('x').finished()).rejects.toMatchObject({ code: 'EMULATOR_CLOSED' });
    await world.azure.close();
    await open;
    expect(() => device().sendC2D('x')).toThrow(code('EMULATOR_CLOSED'));
  });
});
