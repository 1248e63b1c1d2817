import { Lifetime } from '../../../src/emulator/lifetime.js';
import { createWebSocketStream, WebSocket } from 'ws';

import type { Credential } from '../../../src/certificates/index.js';
import { VirtualClock } from '../../../src/clock/index.js';
import { formatTraceEntry, type TraceEntry, type TraceFact } from '../../../src/emulator/index.js';
import { tracedPayload } from '../../../src/emulator/observe/trace/payload.js';
import { Tracer } from '../../../src/emulator/observe/trace/tracer.js';
import { createDuplexPair } from '../../../src/transport/duplex-pair.js';
import { DPS_ENDPOINT } from '../../../src/emulator/service-names.js';
import { ask } from '../https.js';
import { HUB, hubConnect, sasToken, World } from '../support.js';

const EVENTS = 'devices/device-1/messages/events/';
const START = Date.UTC(2026, 0, 1);

describe('a trace', () => {
  let world: World;
  let credential: Credential;
  let entries: TraceEntry[];

  beforeEach(async () => {
    world = await World.create();
    credential = await world.device('device-1');
    entries = [];
    world.azure.trace((entry) => void entries.push(entry));
  });
  afterEach(() => world.close());

  const types = (): string[] => entries.map((entry) => (entry.type === 'packet' ? entry.packet.cmd : entry.type));

  test('tells of TLS, of every packet in both directions, and of the end, as data', async () => {
    const client = await world.online(credential, { keepalive: 240 });
    await client.subscribe('$iothub/twin/res/#');
    await world.clock.advance(3000);
    client.publish(`${EVENTS}a=b`, '{"temperature":21}', 1);
    await client.next('puback');
    client.publish('$iothub/twin/GET/?$rid=1');
    await client.next('publish');
    client.send({ cmd: 'unsubscribe', messageId: 9, unsubscriptions: ['$iothub/twin/res/#'] }, { cmd: 'pingreq' });
    await client.next('pingresp');
    client.send({ cmd: 'disconnect' });
    await client.closed();

    const of = { connection: 1, serverName: HUB };
    const session = { ...of, clientId: 'device-1' };
    const said = (at: number, direction: 'in' | 'out', packet: object) => ({
      at: START + at,
      ...session,
      type: 'packet',
      direction,
      packet,
    });
    const twin = '{"desired":{"$version":1},"reported":{"$version":1}}';
    expect(entries).toEqual([
      {
        at: START,
        ...of,
        type: 'handshake',
        version: 'TLSv1.2',
        cipher: 'TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256',
        resumed: false,
        clientCertificate: {
          subject: 'CN=device-1',
          thumbprint: credential.leaf.fingerprint.replaceAll(':', ''),
        },
      },
      said(0, 'in', {
        cmd: 'connect',
        clientId: 'device-1',
        username: hubConnect('device-1').username,
        cleanSession: false,
        keepAlive: 240,
      }),
      said(0, 'out', { cmd: 'connack', returnCode: 0, sessionPresent: false }),
      said(0, 'in', { cmd: 'subscribe', packetId: 1, subscriptions: [{ filter: '$iothub/twin/res/#', qos: 0 }] }),
      said(0, 'out', { cmd: 'suback', packetId: 1, granted: [0] }),
      said(3000, 'in', {
        cmd: 'publish',
        topic: `${EVENTS}a=b`,
        qos: 1,
        packetId: 2,
        payload: { text: '{"temperature":21}', length: 18 },
      }),
      said(3000, 'out', { cmd: 'puback', packetId: 2 }),
      said(3000, 'in', {
        cmd: 'publish',
        topic: '$iothub/twin/GET/?$rid=1',
        qos: 0,
        payload: { text: '', length: 0 },
      }),
      said(3000, 'out', {
        cmd: 'publish',
        topic: '$iothub/twin/res/200/?$rid=1',
        qos: 0,
        payload: { text: twin, length: twin.length },
      }),
      said(3000, 'in', { cmd: 'unsubscribe', packetId: 9, filters: ['$iothub/twin/res/#'] }),
      said(3000, 'out', { cmd: 'unsuback', packetId: 9 }),
      said(3000, 'in', { cmd: 'pingreq' }),
      said(3000, 'out', { cmd: 'pingresp' }),
      said(3000, 'in', { cmd: 'disconnect' }),
      { at: START + 3000, ...session, type: 'closed', by: 'client', reason: 'the client disconnected' },
    ]);
    expect(JSON.parse(JSON.stringify(entries))).toEqual(entries);
  });

  test('counts the connections, and says who ended them', async () => {
    const first = await world.online(credential);
    await world.online(credential);
    first.socket.destroy();
    world.hub.device('device-1').disconnect();
    const [ours, theirs] = createDuplexPair(world.clock);
    const endpoint = world.azure.resolve(HUB, 8883);
    if (endpoint?.kind === 'in-process') endpoint.accept(theirs);
    ours.on('error', () => undefined).resume();
    ours.write('no TLS, but text that is long enough');
    const silent = await world.secure(HUB, 8883);
    silent.end();
    await world.clock.advance(1);
    expect(entries.filter(({ type }) => type === 'closed' || type === 'handshakeFailed')).toMatchObject([
      { connection: 1, type: 'closed', by: 'service', reason: expect.stringContaining('400027') as string },
      { connection: 2, type: 'closed', by: 'service', reason: 'the service closed it' },
      { connection: 3, type: 'handshakeFailed', reason: 'wrong version number' },
      { connection: 4, type: 'closed', by: 'client' },
    ]);
    expect(entries.at(-1)).not.toHaveProperty('clientId');
  });

  test('tells of a WebSocket, and of HTTP', async () => {
    const secure = await world.secure(HUB, 443, credential);
    const path = '/$iothub/websocket?iothub-no-client-cert=true';
    const socket = new WebSocket(`ws://${HUB}${path}`, ['MQTT'], { createConnection: () => secure as never });
    const client = world.client(createWebSocketStream(socket));
    await client.connect(hubConnect('device-1'));
    expect(entries.slice(1)).toMatchObject([
      { type: 'webSocket', path, protocol: 'MQTT', connection: 1, serverName: HUB },
      { type: 'packet', packet: { cmd: 'connect' } },
      { type: 'packet', packet: { cmd: 'connack' } },
    ]);
    entries.length = 0;
    const other = await world.secure(HUB, 443, credential);
    const head = `Host: ${HUB}\r\nConnection: close\r\nContent-Length: 5`;
    other.resume().write(`POST /x?sig=topSecret&a=b HTTP/1.1\r\n${head}\r\n\r\nhello`);
    await world.run(new Promise((resolve) => other.once('end', resolve)));
    other.destroy();
    expect(entries.slice(1)).toMatchObject([
      { type: 'http', direction: 'in', method: 'POST', path: '/x?sig=(masked)&a=b', body: { text: 'hello' } },
      { type: 'http', direction: 'out', status: 404 },
      { type: 'closed', by: 'service', reason: 'the answer was the last' },
    ]);
    expect(JSON.stringify(world.azure.events())).not.toContain('topSecret');
  });

  test('holds no password and no SAS signature, wherever they are', async () => {
    const { authentication } = world.hub.devices.create({ deviceId: 'sas-1', authentication: { type: 'sas' } });
    const key = authentication.type === 'sas' ? authentication.symmetricKey.primaryKey : '';
    const token = sasToken(key, `${HUB}/devices/sas-1`, world.clock.now() + 3_600_000);
    const signature = /sig=([^&]+)/.exec(token)?.[1] as string;
    const client = await world.open(HUB);
    const topic = 'devices/sas-1/messages/events/';
    const options = hubConnect('sas-1', {
      password: Buffer.from(token),
      will: { topic, payload: Buffer.from(token), qos: 1, retain: false },
    });
    expect((await client.connect(options)).returnCode).toBe(0);
    client.publish(`${topic}token=${encodeURIComponent(token)}`, `{"url":"https://x/y?${token}"}`, 1);
    client.publish(topic, Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(token)]), 1);
    client.publish(topic, `HostName=${HUB};DeviceId=sas-1;SharedAccessKey=${key}`, 1);
    await client.next('puback');
    client.publish(`nowhere/${token}`);
    await client.closed();
    const bare = decodeURIComponent(signature).slice(0, 16);
    for (const text of [JSON.stringify(entries), entries.map(formatTraceEntry).join('\n')]) {
      expect(text).toContain(`(password, ${token.length} bytes)`);
      for (const secret of [signature, encodeURIComponent(signature), bare, key]) expect(text).not.toContain(secret);
    }
    const binary = entries.flatMap((entry) =>
      entry.type === 'packet' && entry.packet.cmd === 'publish' ? [entry.packet.payload.base64 ?? ''] : [],
    );
    const decoded = binary.map((base64) => Buffer.from(base64, 'base64').toString('latin1')).join('');
    expect(decoded).toContain('sig=(masked)');
    expect(decoded).not.toContain(bare);
  });

  test('neither does it, nor an event, hold one that stands in a client id, a user name, a filter or a reason', async () => {
    const token = 'SharedAccessSignature sr=a&sig=topSecret%2B&se=1';
    const shown = 'SharedAccessSignature sr=a&sig=(masked)&se=1';
    const connect = async (server: string, clientId: string, username: string, tls = {}): Promise<void> => {
      const client = await world.open(server, undefined, tls);
      client.send({ cmd: 'connect', clientId, username, password: Buffer.from(token), keepalive: 60, clean: true });
      await client.closed();
    };
    await connect(HUB, token, `${HUB}/${token}/?api-version=2021-04-12`);
    await connect(DPS_ENDPOINT, token, `0ne00000000/registrations/${token}/api-version=2021-06-01`);
    const elsewhere = { servername: 'elsewhere.example', checkServerIdentity: () => undefined };
    await connect(HUB, token, token, elsewhere);
    const subscriber = await world.online(credential);
    subscriber.send({ cmd: 'subscribe', messageId: 5, subscriptions: [{ topic: token, qos: 0 }] });
    subscriber.send({ cmd: 'unsubscribe', messageId: 6, unsubscriptions: [token] });
    await subscriber.next('unsuback');
    subscriber.publish(token);
    await subscriber.closed();

    const packets = entries.flatMap((entry) => (entry.type === 'packet' ? [entry.packet] : []));
    expect(packets.filter(({ cmd }) => cmd === 'connect').slice(0, 3)).toMatchObject([
      { clientId: shown, username: `${HUB}/${shown}/?api-version=2021-04-12` },
      { clientId: shown, username: `0ne00000000/registrations/${shown}/api-version=2021-06-01` },
      { clientId: shown, username: shown },
    ]);
    expect(packets).toContainEqual({ cmd: 'subscribe', packetId: 5, subscriptions: [{ filter: shown, qos: 0 }] });
    expect(packets).toContainEqual({ cmd: 'unsubscribe', packetId: 6, filters: [shown] });
    expect(entries).toContainEqual(expect.objectContaining({ type: 'closed', clientId: shown }));
    const events = world.azure.events();
    expect(events).toContainEqual(expect.objectContaining({ type: 'unknownService', username: shown }));
    expect(events).toContainEqual(expect.objectContaining({ type: 'subscriptionRefused', filter: shown }));
    expect(events).toContainEqual(
      expect.objectContaining({ type: 'connectionClosed', reason: expect.stringContaining(shown) }),
    );
    const timedOut = await world.run(
      world.azure.nextEvent(() => false, { timeout: 1 }).catch((error: Error) => error.message),
    );
    for (const text of [
      ...[entries, events, world.hub.events(), world.azure.dps.events()].map((list) => JSON.stringify(list)),
      entries.map(formatTraceEntry).join('\n'),
      String(timedOut),
    ]) {
      expect(text).toContain('sig=(masked)');
      expect(text).not.toContain('topSecret');
    }
  });

  test.each(['base64', 'base64url', 'hex'] as const)('nor one that stands there alone, in %s', async (encoding) => {
    const signature = Buffer.from(Array.from({ length: 32 }, (_, i) => (i * 41 + encoding.length) % 256));
    const bare = signature.toString(encoding).replace(/=$/, '');
    const password = Buffer.from(
      `SharedAccessSignature sr=a&sig=${encodeURIComponent(signature.toString('base64'))}&se=1`,
    );
    const client = await world.open(HUB);
    await client.connect({ ...hubConnect(`d-${bare}`), password });
    await client.closed();
    const dps = await world.open(DPS_ENDPOINT);
    dps.send({ cmd: 'connect', clientId: bare, username: bare, password, keepalive: 0, clean: true });
    await dps.closed();
    const subscriber = await world.online(credential);
    subscriber.send({ cmd: 'subscribe', messageId: 5, subscriptions: [{ topic: `a/${bare}`, qos: 0 }] });
    await subscriber.next('suback');
    subscriber.publish(`x/${bare}`, bare);
    await subscriber.closed();
    await ask(world, { host: HUB, path: `/${bare}`, headers: { authorization: String(password) } });

    const told = [entries, world.azure.events(), world.hub.events(), world.azure.dps.events()];
    for (const text of [...told.map((list) => JSON.stringify(list)), entries.map(formatTraceEntry).join('\n')])
      expect(text).not.toContain(bare.slice(0, 20));
    expect(JSON.stringify(told[0])).toContain('d-(masked)');
    expect(world.azure.events()).toContainEqual(
      expect.objectContaining({ type: 'subscriptionRefused', filter: 'a/(masked)' }),
    );
    expect(world.azure.events()).toContainEqual(expect.objectContaining({ type: 'httpRefused', path: '/(masked)' }));
  });

  test('cuts payloads, and says how long they are', async () => {
    const short: TraceEntry[] = [];
    world.azure.trace((entry) => void short.push(entry), { payloadLimit: 4 });
    const client = await world.online(credential);
    client.publish(EVENTS, 'x'.repeat(3000), 1);
    await client.next('puback');
    const payload = (list: TraceEntry[]) =>
      list.flatMap((entry) =>
        entry.type === 'packet' && entry.packet.cmd === 'publish' ? [entry.packet.payload] : [],
      );
    expect(payload(entries)).toEqual([{ text: 'x'.repeat(1024), length: 3000, cut: true }]);
    expect(payload(short)).toEqual([{ text: 'xxxx', length: 3000, cut: true }]);
  });

  test('ends when its listener is taken off; one that throws harms nobody, and `close` tells of it', async () => {
    const stop = world.azure.trace(() => {
      throw new Error('a listener');
    });
    const seen: TraceEntry[] = [];
    const off = world.azure.trace((entry) => void seen.push(entry));
    const client = await world.online(credential);
    stop();
    off();
    off();
    const count = seen.length;
    expect(types()).toEqual(['handshake', 'connect', 'connack']);
    client.send({ cmd: 'pingreq' });
    await client.next('pingresp');
    expect(seen).toHaveLength(count);
    expect(types().slice(3)).toEqual(['pingreq', 'pingresp']);
    await expect(world.azure.close()).rejects.toMatchObject({
      code: 'LISTENER_FAILED',
      cause: new Error('a listener'),
    });
  });
});

test('nothing is decoded while nobody listens', () => {
  const tracer = new Tracer(new VirtualClock(), new Lifetime());
  const fact = jest.fn((): TraceFact => ({ type: 'closed', by: 'client', reason: 'x' }));
  tracer.add({ connection: 1 }, fact);
  expect([tracer.isHeard, fact.mock.calls.length]).toEqual([false, 0]);
  const off = tracer.listen(() => undefined);
  tracer.add({ connection: 1 }, fact);
  expect([tracer.isHeard, fact.mock.calls]).toEqual([true, [[1024]]]);
  off();
  expect(tracer.isHeard).toBe(false);
});

describe('payloads', () => {
  test.each([
    ['Küche', 2, { text: 'K', length: 6, cut: true }],
    ['Küche', 3, { text: 'Kü', length: 6, cut: true }],
    ['Küche', 6, { text: 'Küche', length: 6 }],
    ['Küche', 0, { text: '', length: 6, cut: true }],
    [Buffer.from([0xff, 1, 2]), 2, { base64: '/wE=', length: 3, cut: true }],
    [Buffer.from([0xff, 1, 2]), 9, { base64: '/wEC', length: 3 }],
    ['?sig=abc&se=1', 7, { text: '?sig=(masked)', length: 13, cut: true }],
    [`key ${'k'.repeat(43)}=.`, 20, { text: 'key (masked:f72d)', length: 49, cut: true }],
  ])('%s, of which %d bytes are shown', (payload, limit, shown) => {
    expect(tracedPayload(payload, limit)).toEqual(shown);
  });
});

describe('as text', () => {
  const on = { at: START + 3000, connection: 2, serverName: HUB };
  const from = { ...on, clientId: 'kettle-1' };
  const lines: [TraceEntry, string][] = [
    [
      { ...from, type: 'packet', direction: 'out', packet: { cmd: 'puback', packetId: 3 } },
      '2026-01-01T00:00:03.000Z #2 kettle-1 out PUBACK packetId=3',
    ],
    [
      {
        ...from,
        type: 'packet',
        direction: 'in',
        packet: {
          cmd: 'publish',
          topic: 'a/b',
          qos: 1,
          packetId: 3,
          duplicate: true,
          payload: { text: '1\n2', length: 9, cut: true },
        },
      },
      '2026-01-01T00:00:03.000Z #2 kettle-1 in PUBLISH topic=a/b qos=1 packetId=3 duplicate=true 9 bytes: 1\\n2…',
    ],
    [
      {
        ...on,
        type: 'handshake',
        version: 'TLSv1.2',
        cipher: 'X',
        resumed: false,
        clientCertificate: { subject: 'CN=a\nO=b', thumbprint: 'AB' },
      },
      `2026-01-01T00:00:03.000Z #2 ${HUB} TLS version=TLSv1.2 cipher=X resumed=false subject=CN=a\\nO=b thumbprint=AB`,
    ],
    [{ at: on.at, connection: 2, type: 'handshakeFailed', reason: 'x' }, '2026-01-01T00:00:03.000Z #2 - TLS failed: x'],
    [
      { ...from, type: 'webSocket', path: '/p', protocol: 'mqtt' },
      '2026-01-01T00:00:03.000Z #2 kettle-1 WEBSOCKET path=/p protocol=mqtt',
    ],
    [
      { ...from, type: 'http', direction: 'out', status: 200, body: { base64: '/w==', length: 1 } },
      '2026-01-01T00:00:03.000Z #2 kettle-1 out HTTP status=200 1 byte: base64:/w==',
    ],
    [
      { ...from, type: 'closed', by: 'network', reason: 'lost' },
      '2026-01-01T00:00:03.000Z #2 kettle-1 closed by network: lost',
    ],
  ];
  test.each(lines)('%j', (entry, line) => expect(formatTraceEntry(entry)).toBe(line));
});
