import rhea from 'rhea';

import { amqpClient, backEnd, coming, tokenOf, type AmqpClient } from '../amqp-client.js';
import { hubBackEnd } from '../conformance/back-end.js';
import { ask } from '../https.js';
import { hubConnect, HUB, sasToken, World, type RawClient } from '../support.js';

let world: World;
let client: AmqpClient;
beforeEach(async () => {
  world = await World.create();
  client = await backEnd(world);
});
afterEach(async () => {
  await client.close();
  await world.close();
});

const DEVICEBOUND = '/messages/devicebound';
const FEEDBACK = '/messages/serviceBound/feedback';
const FILES = '/messages/serviceBound/filenotifications';
const data = (text: string | Buffer): unknown => rhea.message.data_section(Buffer.from(text));

async function device(deviceId = 'd'): Promise<RawClient> {
  const credential = await world.device(deviceId);
  const connected = await world.open(HUB, credential);
  await connected.connect(hubConnect(deviceId));
  await connected.subscribe(`devices/${deviceId}/messages/devicebound/#`, 1);
  return connected;
}

const send = async (message: object) => {
  const sender = await client.sender(DEVICEBOUND);
  return sender.send({ to: '/devices/d/messages/devicebound', body: data('hello'), ...message });
};

describe('cloud-to-device', () => {
  test('a message comes to its device with all that goes with it', async () => {
    const connected = await device('d#1');
    const expiry = new Date(world.clock.now() + 60_000);
    expect(
      await send({
        to: '/devices/d%231/messages/devicebound',
        message_id: 'm 1',
        correlation_id: Buffer.from('00112233445566778899aabbccddeeff', 'hex'),
        user_id: Buffer.from('someone'),
        content_type: 'application/json',
        content_encoding: 'utf-8',
        absolute_expiry_time: expiry,
        application_properties: { 'k&1': 'v=1', count: 3, none: null },
        body: data('{"on":true}'),
      }),
    ).toBe('accepted');
    const { topic, payload } = await connected.next('publish');
    expect(payload.toString()).toBe('{"on":true}');
    const bag = topic.slice('devices/d#1/messages/devicebound/'.length).split('&').map(decodeURIComponent);
    expect(bag).toEqual([
      '$.to=/devices/d#1/messages/deviceBound',
      '$.mid=m 1',
      '$.cid=00112233-4455-6677-8899-aabbccddeeff',
      '$.uid=someone',
      `$.exp=${expiry.toISOString()}`,
      '$.ct=application/json',
      '$.ce=utf-8',
      'k&1=v=1',
      'count=3',
      'none',
    ]);
  });

  test.each([
    ['/devices/nobody/messages/devicebound', 'amqp:not-found'],
    ['/devices/d/modules/m/messages/devicebound', 'amqp:not-found'],
    ['', 'amqp:not-found'],
    ['/twins/d', 'amqp:not-found'],
    ['/devices/%00/messages/devicebound', 'amqp:not-found'],
  ])('a message to %s is rejected', async (to, condition) => {
    await world.device('d');
    expect(await send({ to })).toMatchObject({ condition });
  });

  test('one that is too long, has no data, or another ack is rejected', async () => {
    await world.device('d');
    expect(await send({ body: data(Buffer.alloc(65_537)) })).toMatchObject({
      condition: 'amqp:link:message-size-exceeded',
    });
    expect(await send({ body: 'a value' })).toMatchObject({ condition: 'com.microsoft:argument-error' });
    expect(await send({ application_properties: { 'iothub-ack': 'some' } })).toMatchObject({
      condition: 'com.microsoft:argument-error',
    });
  });

  test('the 51st that waits is rejected, and the link goes on', async () => {
    await world.device('d');
    const sender = await client.sender(DEVICEBOUND);
    const message = { to: '/devices/d/messages/devicebound', body: data('x') };
    for (let i = 0; i < 50; i++) expect(await sender.send(message)).toBe('accepted');
    expect(await sender.send(message)).toMatchObject({ condition: 'amqp:resource-limit-exceeded' });
    world.hub.device('d').purge();
    expect(await sender.send(message)).toBe('accepted');
  });

  test('ttl expires it', async () => {
    await world.device('d');
    const receiver = await client.receiver(FEEDBACK);
    const told = coming(receiver);
    await send({ ttl: 5000, message_id: 'm', application_properties: { 'iothub-ack': 'full' } });
    expect(recordsOf((await world.run(told)).message)).toMatchObject([
      { originalMessageId: 'm', statusCode: 'Expired' },
    ]);
  });
});

const recordsOf = (message: unknown): unknown =>
  JSON.parse((message as { body: { content: Buffer } }).body.content.toString()) as unknown;

describe('feedback', () => {
  test('tells what became of a message, and is over once it was accepted', async () => {
    const connected = await device();
    const receiver = await client.receiver(FEEDBACK);
    const told = coming(receiver);
    await send({ message_id: 'm', application_properties: { 'iothub-ack': 'positive' } });
    connected.acknowledge(await connected.next('publish'));
    const { message, delivery } = await world.run(told);
    expect(message).toMatchObject({ content_type: 'application/vnd.microsoft.iothub.feedback.json' });
    expect(recordsOf(message)).toMatchObject([{ originalMessageId: 'm', statusCode: 'Success', deviceId: 'd' }]);
    delivery!.accept();
    await world.clock.advance(120_000);
    let more = 0;
    (await client.receiver(FEEDBACK.toLowerCase())).on('message' as never, () => more++);
    await world.clock.advance(1);
    expect(more).toBe(0);
  });

  const expire = async (): Promise<void> => {
    await world.device('d');
    world.hub.device('d').sendC2D('x', { messageId: 'm', ack: 'full', ttlMs: 1 });
    await world.clock.advance(2);
  };

  test.each(['release', 'modified', 'detach', 'nothing'] as const)('comes again after %s', async (act) => {
    await expire();
    const receiver = await client.receiver(FEEDBACK, { credit: 1 });
    const { delivery } = await client.next(receiver);
    const before = world.clock.now();
    if (act === 'release') delivery!.release();
    if (act === 'modified') delivery!.modified({ delivery_failed: true } as never);
    if (act === 'detach') receiver.close();
    const again = await client.next(await client.receiver(FEEDBACK));
    expect(recordsOf(again.message)).toMatchObject([{ originalMessageId: 'm' }]);
    expect(world.clock.now() - before).toBe(act === 'nothing' ? 60_000 : 0);
  });

  test('rejected does not come again', async () => {
    await expire();
    (await client.next(await client.receiver(FEEDBACK))).delivery!.reject();
    await world.clock.advance(120_000);
    expect(client.connection.is_open()).toBe(true);
  });

  test('waits for credit', async () => {
    await expire();
    const receiver = await client.receiver(FEEDBACK, { credit: 0 });
    let count = 0;
    receiver.on('message' as never, () => count++);
    await world.clock.advance(1000);
    expect(count).toBe(0);
    receiver.add_credit(1);
    await client.next(receiver);
    expect(count).toBe(1);
  });

  test('goes to one of two receivers', async () => {
    const other = await backEnd(world);
    const counts = [0, 0];
    (await client.receiver(FEEDBACK)).on('message' as never, () => counts[0]!++);
    (await other.receiver(FEEDBACK)).on('message' as never, () => counts[1]!++);
    await expire();
    await world.clock.advance(1000);
    expect(counts[0]! + counts[1]!).toBe(1);
    await other.close();
  });
});

describe('file notifications', () => {
  test('tell of each upload that went well', async () => {
    const receiver = await client.receiver(FILES);
    const told = coming(receiver);
    world.hub.devices.create({ deviceId: 'd', authentication: { type: 'sas' } });
    await upload(world, 'failed.txt', false);
    await upload(world, 'a.txt', true);
    const { message, delivery } = await world.run(told);
    expect(recordsOf(message)).toMatchObject({ deviceId: 'd', blobName: 'd/a.txt', blobSizeInBytes: 5 });
    delivery!.accept();
  });
});

async function upload(world: World, blobName: string, isSuccess: boolean): Promise<void> {
  const { primaryKey } = (world.hub.devices.get('d').authentication as { symmetricKey: { primaryKey: string } })
    .symmetricKey;
  const headers = { authorization: sasToken(primaryKey, `${HUB}/devices/d`, world.clock.now() + 60_000) };
  const path = '/devices/d/files?api-version=2020-03-13';
  const begun = await ask(world, { host: HUB, method: 'POST', path, headers, body: { blobName } });
  const { hostName, containerName, blobName: stored, sasToken: sas } = begun.json as Record<string, string>;
  const blob = `/${containerName}/${stored}${sas}`;
  const type = { 'x-ms-blob-type': 'BlockBlob' };
  await ask(world, { host: hostName!, method: 'PUT', path: blob, headers: type, body: 'hello' });
  const body = { correlationId: begun.json['correlationId'], isSuccess, statusCode: 200, statusDescription: '' };
  const ended = path.replace('files', 'files/notifications');
  expect((await ask(world, { host: HUB, method: 'POST', path: ended, headers, body })).status).toBe(204);
}

test('two tokens of other rights on one connection', async () => {
  const plain = await amqpClient(world);
  await plain.putToken(`${HUB}/messages/devicebound`, tokenOf(world, { policy: 'registryRead' }));
  await plain.putToken(HUB, tokenOf(world, { policy: 'service' }));
  await plain.sender(DEVICEBOUND);
  await plain.close();
});

describe('what a client is told of what it asked for', () => {
  const token = 'SharedAccessSignature sr=x&sig=c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0LXNlY3I%3D&se=1&skn=service';
  const SECRET = /c2VjcmV0/i;

  test.each<[string, (where: string) => Promise<unknown>]>([
    ['the address of a link', (where) => client.sender(where).catch((error: unknown) => error)],
    ['the audience of a token', (where) => client.putToken(where, 'x')],
    ['the address of a message', (to) => send({ to })],
    ['a partition', (where) => client.request('$management', { application_properties: partition(where) })],
  ])('has no secret that stood in %s, and is short', async (_, ask) => {
    const told: string[] = [];
    for (const where of [token, `amqps://${HUB}/${token}`, 'x'.repeat(20_000) + token])
      told.push(JSON.stringify(await ask(where)));
    expect(told.join()).toContain('sig=(masked)');
    expect(told.join()).not.toMatch(SECRET);
    expect(told.join().length).toBeLessThan(10_000);
  });

  test('has no secret that stood in an id, over HTTPS', async () => {
    const { status, body } = await hubBackEnd(world)(`GET /jobs/v2/${encodeURIComponent('sig=secret')}`);
    expect(status).toBe(404);
    expect(String(body)).toContain('(masked)');
    expect(String(body)).not.toContain('secret');
  });
});

function partition(name: string): object {
  return { operation: 'READ', type: 'com.microsoft:partition', name: world.hub.eventHub.name, partition: name };
}
