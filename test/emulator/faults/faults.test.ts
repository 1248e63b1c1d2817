import type { TLSSocket } from 'node:tls';

import { createWebSocketStream, WebSocket } from 'ws';

import type { Credential } from '../../../src/certificates/index.js';
import { LocalAzure, type FaultOptions, type LocalAzureOptions } from '../../../src/emulator/index.js';
import { answerTo, atDps, poll, put, register } from '../dps-device.js';
import { frontEvents, DPS, dpsConnect, HUB, hubConnect, World, type RawClient } from '../support.js';

const OTHER_HUB = 'fabrikam.azure-devices.net';
const TWIN = '$iothub/twin/res/#';
const METHODS = '$iothub/methods/POST/#';
const events = (id: string): string => `devices/${id}/messages/events/`;

describe('faults', () => {
  let world: World;
  const credentials = new Map<string, Credential>();

  const begin = async (options: LocalAzureOptions = {}): Promise<void> => {
    world = await World.create({ hubs: [HUB, OTHER_HUB], ...options });
    await world.enroll();
    for (const id of ['one', 'two']) credentials.set(id, await world.device(id));
  };
  beforeEach(() => begin());
  afterEach(() => world.close());

  const add = (options: FaultOptions) => world.azure.faults.add(options);
  const credential = (id: string): Credential => credentials.get(id) as Credential;
  const online = (id: string): Promise<RawClient<TLSSocket>> =>
    world.online(credential(id)) as Promise<RawClient<TLSSocket>>;
  const struck = () => frontEvents(world).filter(({ type }) => type === 'fault');
  const returnCode = async (id: string, name = HUB): Promise<number | undefined> => {
    const client = await world.open(name, credential(id));
    const connect = name === DPS ? dpsConnect(world.azure.dps.idScope, id) : hubConnect(id);
    return (await client.connect(connect)).returnCode;
  };
  /** Whether a PINGREQ is answered in 20 s. */
  const answers = async (client: RawClient): Promise<boolean> => {
    client.send({ cmd: 'pingreq' });
    await world.clock.advance(20_000);
    return !client.isClosed && client.received.splice(0).some(({ cmd }) => cmd === 'pingresp');
  };
  const opens = (name: string): Promise<unknown> =>
    world.secure(name, 8883).then(
      (socket) => (socket.destroy(), 'open'),
      (error: Error) => error.message,
    );

  describe('how often, how long, at whom', () => {
    test('once, by default; told by events; at no other device', async () => {
      const fault = add({ kind: 'connack', code: 3, device: 'one' });
      expect([fault.hits, fault.isOver]).toEqual([0, false]);
      expect(await returnCode('two')).toBe(0);
      expect(await returnCode('one')).toBe(3);
      expect(await returnCode('one')).toBe(0);
      expect(fault.hits).toBe(1);
      expect(struck()).toMatchObject([
        { type: 'fault', at: world.clock.now(), kind: 'connack', endpoint: HUB, device: 'one' },
      ]);
    });

    test('so many times, after so many occasions', async () => {
      const fault = add({ kind: 'connack', code: 2, device: 'one', after: 1, times: 2 });
      const codes = [];
      for (let i = 0; i < 5; i++) codes.push(await returnCode('one'));
      expect(codes).toEqual([0, 2, 2, 0, 0]);
      expect(fault.hits).toBe(2);
    });

    test('as long as a span of the clock lasts', async () => {
      const fault = add({ kind: 'connack', code: 5, device: 'one', for: 60_000 });
      expect([await returnCode('one'), await returnCode('one')]).toEqual([5, 5]);
      await world.clock.advance(59_999);
      expect([await returnCode('one'), fault.isOver]).toEqual([5, false]);
      await world.clock.advance(1);
      expect([await returnCode('one'), fault.isOver, fault.hits]).toEqual([0, true, 3]);
    });

    test('until it is removed, or all are', async () => {
      const one = add({ kind: 'connack', code: 1, device: 'one', times: Infinity });
      const two = add({ kind: 'connack', code: 4, device: 'two', times: Infinity });
      expect([await returnCode('one'), await returnCode('two')]).toEqual([1, 4]);
      one.remove();
      one.remove();
      expect([await returnCode('one'), await returnCode('two')]).toEqual([0, 4]);
      world.azure.faults.clear();
      expect([await returnCode('one'), await returnCode('two')]).toEqual([0, 0]);
      expect([one.isOver, two.isOver, one.hits, two.hits]).toEqual([true, true, 1, 2]);
    });

    test('of several that fit, the first', async () => {
      add({ kind: 'connack', code: 2 });
      add({ kind: 'connack', code: 3 });
      expect([await returnCode('one'), await returnCode('two'), await returnCode('two')]).toEqual([2, 3, 0]);
    });

    test.each([
      ['hub', [0, 3]],
      [HUB.toUpperCase(), [0, 3]],
      [OTHER_HUB, [0, 0]],
      ['dps', [3, 0]],
      [DPS, [3, 0]],
    ])('at the service %s', async (service, [atDps, atHub]) => {
      const fault = add({ kind: 'connack', code: 3, service, times: 1 });
      expect([await returnCode('one', DPS), await returnCode('one')]).toEqual([atDps, atHub]);
      fault.remove(); // of another hub it strikes nothing
    });

    test('the device id in its case, the registration id in any', async () => {
      add({ kind: 'connack', code: 3, device: 'ONE', times: 2 });
      expect([await returnCode('one'), await returnCode('one', DPS)]).toEqual([0, 3]);
    });

    test('as options of start', async () => {
      await world.close();
      await begin({ faults: [{ kind: 'connack', code: 3, device: 'one' }] });
      expect([await returnCode('two'), await returnCode('one'), await returnCode('one')]).toEqual([0, 3, 0]);
    });

    /** What becomes of ten CONNECTs of each device, each pair of them in the given order. */
    const drawn = async (faultSeed: number, order: string[]): Promise<Record<string, string>> => {
      await world.close();
      const fault = { kind: 'connack', code: 3, probability: 0.5, times: Infinity } as const;
      await begin({ faultSeed, faults: [fault] });
      const codes: Record<string, string> = {};
      for (let i = 0; i < 10; i++) for (const id of order) codes[id] = `${codes[id] ?? ''}${await returnCode(id)}`;
      return codes;
    };

    test('by chance, the same for the same seed, whichever device comes first', async () => {
      const first = await drawn(7, ['one', 'two']);
      expect(first['one']).toMatch(/^[03]{10}$/);
      expect(first['one']).toContain('3');
      expect(first['one']).toContain('0');
      expect(first['two']).not.toBe(first['one']);
      expect(await drawn(7, ['two', 'one'])).toEqual(first);
      expect(await drawn(8, ['one', 'two'])).not.toEqual(first);
    });
  });

  test('one that has struck nothing says so at the end of a test, and why', async () => {
    const other = add({ kind: 'connack', code: 3, device: 'nobody' });
    const late = add({ kind: 'connack', code: 3, device: 'one', after: 2 });
    const spared = add({ kind: 'connack', code: 3, device: 'one', probability: 0 });
    const strikes = add({ kind: 'connack', code: 5, device: 'one' });
    expect(await returnCode('one')).toBe(5);
    expect(strikes.struck()).toBe(1);
    const never = (reason: RegExp) =>
      expect.objectContaining({ code: 'FAULT_NEVER_STRUCK', message: expect.stringMatching(reason) as string });
    expect(() => other.struck()).toThrow(never(/"device":"nobody"} struck nothing: there was no occasion/));
    expect(() => late.struck()).toThrow(never(/it let 1 pass, and was to let pass 2/));
    expect(() => spared.struck()).toThrow(never(/its probability spared every occasion/));
    expect(() => world.azure.faults.allStruck()).toThrow(
      never(/"device":"nobody"} struck nothing: .*\n.*it let 1 pass.*\n.*spared every occasion.*$/),
    );
    other.remove();
    expect(() => other.struck()).toThrow(never(/no occasion/));
    expect(() => world.azure.faults.allStruck()).toThrow(never(/^The fault \S+"after":2} /));
    late.remove();
    spared.remove();
    world.azure.faults.allStruck();
  });

  describe('when the emulator is closed', () => {
    const start = (...faults: FaultOptions[]) => LocalAzure.start({ faults });
    const always: FaultOptions = { kind: 'drop', times: Infinity };

    test('faults that struck nothing fail it, once', async () => {
      const cloud = await start(always, { kind: 'dpsSilence', for: 1 });
      await expect(cloud.close()).rejects.toMatchObject({
        code: 'FAULT_NEVER_STRUCK',
        message: expect.stringMatching(
          /^The fault {"kind":"drop","times":"Infinity"} struck nothing: .*\n.*"dpsSilence",.* struck nothing/,
        ),
      });
      await cloud.close();
    });

    test('those that a test has asked for, or removed, do not; those that were added later do', async () => {
      const asked = await start(always);
      expect(() => asked.faults.allStruck()).toThrow(expect.objectContaining({ code: 'FAULT_NEVER_STRUCK' }));
      await asked.close();
      const later = await start();
      later.faults.allStruck();
      later.faults.add({ kind: 'drop' });
      expect(() => later.faults.allStruck()).toThrow(expect.objectContaining({ code: 'FAULT_NEVER_STRUCK' }));
      later.faults.add({ kind: 'twinSilence' });
      await expect(later.close()).rejects.toMatchObject({
        message: expect.stringMatching(/^The fault .*twinSilence[^\n]*$/),
      });
      const removed = await start(always);
      removed.faults.clear();
      await removed.close();
    });
  });

  test.each<[object, string]>([
    [{ kind: 'conack' }, 'There is no fault of the kind conack; connack is meant, perhaps.'],
    [{ kind: 'flood' }, 'There is no fault of the kind flood, but refuseTls, '],
    [{}, 'A fault has a kind: one of refuseTls, '],
    [{ knd: 'drop' }, 'A fault has a kind, perhaps in the place of knd: one of refuseTls, '],
    [{ kind: 'connack' }, 'code is missing: a whole number from 1 to 5'],
    [{ kind: 'connack', code: 6 }, 'code is 6, not a whole number from 1 to 5'],
    [{ kind: 'connack', code: 3, devcie: 'x' }, 'it has no field devcie; device is meant, perhaps.'],
    [{ kind: 'connack', code: 3, constructor: 1 }, 'no field constructor'],
    [{ kind: 'connack', code: 3, times: 0 }, 'times is 0'],
    [{ kind: 'connack', code: 3, after: 1.5 }, 'after is 1.5'],
    [{ kind: 'connack', code: 3, for: 0 }, 'for is 0'],
    [{ kind: 'connack', code: 3, probability: 1.1 }, 'probability is 1.1'],
    [{ kind: 'connack', code: 3, device: 1 }, 'device is 1'],
    [{ kind: 'connack', code: 3, service: 'x.azure-devices.net' }, 'the service x.azure-devices.net is none of'],
    [{ kind: 'refuseTls', device: 'one' }, 'the device is not known while TLS is being set up'],
    [{ kind: 'drop', packet: 'connack' }, 'packet is connack, not one of connect, '],
    [{ kind: 'connack', code: 3, nothing: 1 }, 'it has no field nothing, but kind, device, '],
    [{ kind: 'delay', ms: -1 }, 'ms is -1'],
    [{ kind: 'delay', ms: 0 }, 'ms is 0, not milliseconds, 1 or more'],
    [{ kind: 'throttledTelemetry', ms: 1e-9 }, 'not milliseconds, 1 or more'],
    [{ kind: 'dpsError', status: 200 }, 'status is 200'],
    [{ kind: 'dpsError', status: 429, service: 'hub' }, 'it occurs at DPS only'],
    [{ kind: 'lostPuback', service: 'dps' }, 'it occurs at hubs only'],
  ])('%j is refused', (options, message) => {
    expect(() => add(options as FaultOptions)).toThrow(
      expect.objectContaining({ code: 'FAULT_INVALID', message: expect.stringContaining(message) as string }),
    );
  });

  describe('TLS', () => {
    test('refuseTls closes in the handshake, by the server name', async () => {
      const fault = add({ kind: 'refuseTls', service: HUB, times: 2 });
      expect(await opens(DPS)).toBe('open');
      expect(await opens(OTHER_HUB)).toBe('open');
      for (let i = 0; i < 2; i++) expect(await opens(HUB)).toMatch(/disconnected|ECONNRESET|socket hang up/);
      expect(await opens(HUB)).toBe('open');
      expect(fault.hits).toBe(2);
      await world.clock.advance(1);
      expect(frontEvents(world).filter(({ type }) => type !== 'connectionClosed')).toMatchObject([
        { type: 'fault', kind: 'refuseTls', endpoint: HUB },
        { type: 'handshakeFailed', serverName: HUB, reason: 'refused by a fault' },
        { type: 'fault', kind: 'refuseTls', endpoint: HUB },
        { type: 'handshakeFailed', serverName: HUB, reason: 'refused by a fault' },
      ]);
    });

    test('expiredCertificate shows one that has expired, for the same names and from the same root', async () => {
      add({ kind: 'expiredCertificate', service: 'dps', times: 2 });
      expect(await opens(HUB)).toBe('open');
      expect(await opens(DPS)).toBe('certificate has expired');
      const socket = await world.secure(DPS, 8883, undefined, { rejectUnauthorized: false });
      const { valid_to: until, subjectaltname } = socket.getPeerCertificate();
      expect(new Date(until).getTime()).toBeLessThan(Math.min(world.clock.now(), Date.now()) - 86_000_000);
      expect(subjectaltname).toContain(DPS);
      socket.destroy();
      expect(await opens(DPS)).toBe('open');
    });
  });

  describe('a connection', () => {
    test.each(['drop', 'takeOver'] as const)('%s ends one that is open at once, and nobody else’s', async (kind) => {
      const [one, two] = [await online('one'), await online('two')];
      const fault = add({ kind, device: 'one' });
      await one.closed();
      expect([await answers(two), fault.hits]).toEqual([true, 1]);
      expect(world.hub.events().at(-1)).toMatchObject({
        deviceId: 'one',
        reason: kind === 'drop' ? 'dropped by a fault' : expect.stringContaining('400027'),
      });
      expect(await returnCode('one')).toBe(0);
    });

    test('drop waits for packets where it is told to, and takes the last of them along', async () => {
      const one = await online('one');
      add({ kind: 'drop', device: 'one', after: 2 });
      for (const text of ['1', '2', '3']) one.publish(events('one'), text, 1);
      await one.closed();
      const bodies = world.hub.device('one').receivedTelemetry();
      expect(bodies.map(({ body }) => body.toString())).toEqual(['1', '2']);
    });

    test('drop may wait for a certain packet', async () => {
      const one = await online('one');
      add({ kind: 'drop', device: 'one', packet: 'subscribe' });
      one.publish(events('one'), '1', 1);
      await one.next('puback');
      await expect(one.subscribe(TWIN)).rejects.toThrow('closed');
      const again = await world.open(HUB, credential('one'));
      add({ kind: 'drop', device: 'one', packet: 'connect' });
      await expect(again.connect(hubConnect('one'))).rejects.toThrow('closed');
      await online('one');
    });

    test('drop at DPS, and over WebSocket', async () => {
      add({ kind: 'drop', service: 'dps', packet: 'publish' });
      const dps = await atDps(world, credential('one'));
      await expect(put(dps, 'one')).rejects.toThrow('closed');
      const secure = await world.secure(HUB, 443, credential('one'));
      const path = `ws://${HUB}/$iothub/websocket`;
      const socket = new WebSocket(path, ['mqtt'], { createConnection: () => secure as never });
      const client = world.client(createWebSocketStream(socket));
      expect((await client.connect(hubConnect('one'))).returnCode).toBe(0);
      const code = new Promise((resolve) => socket.once('close', resolve));
      add({ kind: 'drop', device: 'one' });
      // Without a close frame.
      expect(await world.run(code)).toBe(1006);
    });

    test('halfOpen neither reads nor answers, and stands', async () => {
      const [one, two] = [await online('one'), await online('two')];
      await one.subscribe(TWIN);
      add({ kind: 'halfOpen', device: 'one' });
      one.publish(events('one'), '1', 1);
      one.publish('$iothub/twin/GET/?$rid=1');
      world.hub.device('one').updateDesired({ a: 1 });
      expect([await answers(one), one.isClosed, await answers(two)]).toEqual([false, false, true]);
      expect(world.hub.device('one').receivedTelemetry()).toEqual([]);
      expect(world.hub.device('one').isConnected).toBe(true);
      // Another connection takes its place, of which this one is not told.
      await online('one');
      expect(world.hub.events()).toContainEqual(
        expect.objectContaining({ type: 'disconnected', reason: expect.stringContaining('400027') as string }),
      );
      await world.clock.advance(1);
      expect(one.isClosed).toBe(false);
      one.socket.end();
      await one.closed();
    });

    test('halfOpen is noticed by the hub after 1.5 times the keepalive, and when the client goes', async () => {
      const one = await world.online(credential('one'), { keepalive: 100 });
      add({ kind: 'halfOpen', device: 'one' });
      one.send({ cmd: 'pingreq' });
      await world.clock.advance(149_999);
      expect(world.hub.device('one').isConnected).toBe(true);
      await world.clock.advance(1);
      expect(world.hub.device('one').isConnected).toBe(false);
      const again = await online('one');
      const idle = add({ kind: 'halfOpen', device: 'one' });
      again.socket.end();
      await world.run(world.hub.device('one').disconnected());
      idle.remove(); // nothing was sent
    });

    test('delay lets everything come late, in order, until it is removed', async () => {
      const [one, two] = [await online('one'), await online('two')];
      const fault = add({ kind: 'delay', ms: 5000, device: 'one' });
      one.publish(events('one'), '1', 1);
      two.publish(events('two'), '1', 1);
      await world.clock.advance(3000);
      one.send({ cmd: 'pingreq' });
      await world.clock.advance(1999);
      expect([one.received, two.received]).toMatchObject([[], [{ cmd: 'puback' }]]);
      await world.clock.advance(1);
      expect(one.received).toMatchObject([{ cmd: 'puback' }]);
      fault.remove();
      one.publish(events('one'), '2', 1);
      await world.clock.advance(2999);
      expect(one.received).toHaveLength(1);
      await world.clock.advance(1);
      expect(one.received).toMatchObject([{ cmd: 'puback' }, { cmd: 'pingresp' }, { cmd: 'puback' }]);
      one.publish(events('one'), '3', 1);
      await world.clock.advance(0);
      expect(one.received).toHaveLength(4);
      expect(fault.hits).toBe(1);
    });

    test('delay at the CONNECT lets the CONNACK come late; what waits is not lost when the service closes', async () => {
      add({ kind: 'delay', ms: 5000, device: 'one', packet: 'connect' });
      const one = await world.open(HUB, credential('one'));
      const start = world.clock.now();
      await one.connect(hubConnect('one'));
      expect(world.clock.now() - start).toBe(5000);
      one.publish(events('one'), '1', 1);
      await world.clock.advance(1);
      world.hub.device('one').disconnect();
      await one.next('puback');
      await one.closed();
    });

    test('delay leaves no timer behind on a connection that goes', async () => {
      const one = await online('one');
      add({ kind: 'delay', ms: 5000, device: 'one' });
      one.publish(events('one'), '1', 1);
      await world.clock.advance(1);
      one.socket.destroy();
      await world.run(world.hub.device('one').disconnected());
    });

    test('slowReader takes so many bytes a second, and holds the sender up', async () => {
      const [one, two] = [await online('one'), await online('two')];
      const fault = add({ kind: 'slowReader', bytesPerSecond: 10_000, device: 'one' });
      const payload = Buffer.alloc(20_000, 'x');
      let written = 0;
      // One by one: what a socket holds back it would send as one piece, which is more than fits, but not refused.
      const write = (left: number): void => {
        one.publish(events('one'), payload, 1);
        one.socket.write(Buffer.from('c000', 'hex'), () => {
          written++;
          if (left > 1) write(left - 1);
        });
      };
      write(10);
      await world.clock.advance(5000);
      const received = () => world.hub.device('one').receivedTelemetry();
      expect(received()).toHaveLength(2);
      expect(written).toBeGreaterThan(2);
      expect(written).toBeLessThan(8);
      expect(await answers(two)).toBe(true);
      expect([written, received().length]).toEqual([10, 10]);
      expect(received().every(({ body }) => body.equals(payload))).toBe(true);
      one.publish(events('one'), payload, 1);
      one.publish(events('one'), payload, 1);
      await world.clock.advance(2000);
      expect(received()).toHaveLength(10);
      fault.remove();
      await world.clock.advance(1000);
      expect(received()).toHaveLength(12);
      expect(await answers(one)).toBe(true);
    });

    test.each<FaultOptions>([
      { kind: 'halfOpen', device: 'one' },
      { kind: 'delay', ms: 5000, device: 'one' },
      { kind: 'slowReader', bytesPerSecond: 100, device: 'one' },
    ])('%j that took hold of a connection has struck once something was sent on it', async (options) => {
      const client = await online('one');
      const fault = add(options);
      const idle = expect.objectContaining({
        code: 'FAULT_NEVER_STRUCK',
        message: expect.stringContaining('nothing was sent on the connection that it took hold of'),
      });
      expect(fault.hits).toBe(1);
      expect(() => fault.struck()).toThrow(idle);
      expect(() => world.azure.faults.allStruck()).toThrow(idle);
      await answers(client);
      expect(fault.struck()).toBe(1);
      world.azure.faults.allStruck();
    });

    test('that a client goes is no effect of a half-open connection', async () => {
      const client = await online('one');
      const fault = add({ kind: 'halfOpen', device: 'one' });
      client.send({ cmd: 'disconnect' });
      await world.clock.advance(1000);
      expect(() => fault.struck()).toThrow(expect.objectContaining({ code: 'FAULT_NEVER_STRUCK' }));
      fault.remove();
    });

    test('slowReader still sees the client go', async () => {
      const one = await online('one');
      add({ kind: 'slowReader', bytesPerSecond: 1, device: 'one' });
      one.send({ cmd: 'pingreq' });
      one.socket.end();
      await world.run(world.hub.device('one').disconnected());
      expect(world.hub.events().at(-1)).toMatchObject({
        reason: 'the client closed the connection without DISCONNECT',
      });
      const again = await online('one');
      add({ kind: 'slowReader', bytesPerSecond: 1, device: 'one' });
      again.send({ cmd: 'pingreq' });
      await world.clock.advance(1);
      again.socket.destroy();
      await world.run(world.hub.device('one').disconnected());
    });
  });

  describe('DPS', () => {
    const unhurt = async (): Promise<void> => {
      expect((await register(world, credential('two'))).body.status).toBe('assigned');
    };

    test('dpsError answers with the status, and with retry-after, then goes on', async () => {
      const fault = add({ kind: 'dpsError', status: 429, retryAfterSeconds: 7, device: 'one', times: 2 });
      await unhurt();
      const client = await atDps(world, credential('one'));
      for (let i = 0; i < 2; i++) {
        const { topic, body } = await put(client, 'one');
        expect(topic).toBe('$dps/registrations/res/429/?$rid=7&retry-after=7');
        expect(body).toMatchObject({ errorCode: 429001 });
      }
      expect((await put(client, 'one')).body.status).toBe('assigning');
      expect(fault.hits).toBe(2);
    });

    test('dpsError may strike polls only', async () => {
      add({ kind: 'dpsError', status: 503, device: 'one', request: 'poll' });
      const client = await atDps(world, credential('one'));
      const { operationId } = (await put(client, 'one')).body;
      expect(await poll(client, operationId)).toMatchObject({
        topic: '$dps/registrations/res/503/?$rid=a-b',
        body: { errorCode: 503000 },
      });
      await poll(client, operationId);
      expect((await poll(client, operationId)).body.status).toBe('assigned');
    });

    test('dpsSilence answers nothing', async () => {
      add({ kind: 'dpsSilence', device: 'one', request: 'register' });
      await unhurt();
      const client = await atDps(world, credential('one'));
      client.publish('$dps/registrations/PUT/iotdps-register/?$rid=7', '{"registrationId":"one"}', 1);
      await client.next('puback');
      await world.clock.advance(600_000);
      expect(client.received).toEqual([]);
      expect((await put(client, 'one')).body.status).toBe('assigning');
    });

    test('dpsAssigning lets a registration take so many polls', async () => {
      add({ kind: 'dpsAssigning', polls: 3, device: 'one' });
      await unhurt();
      const client = await atDps(world, credential('one'));
      const { operationId } = (await put(client, 'one')).body;
      const statuses = [];
      for (let i = 0; i < 4; i++) statuses.push((await poll(client, operationId)).body.status);
      expect(statuses).toEqual(['assigning', 'assigning', 'assigning', 'assigned']);
    });

    test('dpsDisabled answers as for a disabled enrollment', async () => {
      add({ kind: 'dpsDisabled', device: 'one' });
      await unhurt();
      const client = await atDps(world, credential('one'));
      expect(await put(client, 'one')).toMatchObject({
        topic: '$dps/registrations/res/200/?$rid=7',
        body: { operationId: '', status: 'disabled', registrationState: { registrationId: 'one' } },
      });
      expect((await put(client, 'one')).body.status).toBe('assigning');
    });
  });

  describe('hub', () => {
    const get = async (client: RawClient): Promise<string> => {
      client.publish('$iothub/twin/GET/?$rid=1');
      return (await client.next('publish')).topic;
    };
    const report = async (client: RawClient): Promise<string> => {
      client.publish('$iothub/twin/PATCH/properties/reported/?$rid=2', '{"a":1}');
      return (await client.next('publish')).topic;
    };

    test('twinError answers with the status, and does nothing', async () => {
      const [one, two] = [await online('one'), await online('two')];
      for (const client of [one, two]) await client.subscribe(TWIN);
      add({ kind: 'twinError', status: 429, device: 'one', request: 'report' });
      add({ kind: 'twinError', status: 503, device: 'one' });
      expect(await report(two)).toContain('/res/204/');
      expect(await get(one)).toBe('$iothub/twin/res/503/?$rid=1');
      expect(await get(one)).toContain('/res/200/');
      one.publish('$iothub/twin/PATCH/properties/reported/?$rid=2', '{"a":1}');
      const { topic, payload } = await one.next('publish');
      expect(topic).toBe('$iothub/twin/res/429/?$rid=2');
      expect(JSON.parse(payload.toString())).toMatchObject({ errorCode: 429001 });
      expect(world.hub.device('one').twin.reported).toEqual({});
      expect(await report(one)).toContain('/res/204/');
    });

    test('twinSilence answers nothing, and does nothing', async () => {
      const one = await online('one');
      await one.subscribe(TWIN);
      add({ kind: 'twinSilence', device: 'one', times: 2 });
      one.publish('$iothub/twin/GET/?$rid=1');
      one.publish('$iothub/twin/PATCH/properties/reported/?$rid=2', '{"a":1}');
      await world.clock.advance(600_000);
      expect(one.received).toEqual([]);
      expect(world.hub.device('one').twin.reported).toEqual({});
      expect(await get(one)).toContain('/res/200/');
    });

    test('lostPuback takes the message, and does not acknowledge it', async () => {
      const [one, two] = [await online('one'), await online('two')];
      const fault = add({ kind: 'lostPuback', device: 'one' });
      two.publish(events('two'), 'x', 1);
      await two.next('puback');
      one.publish(events('one'), 'of QoS 0, so that there is none to lose');
      one.publish(events('one'), '1', 1);
      one.publish(events('one'), '2', 1);
      expect((await one.next('puback')).messageId).toBe(2);
      expect(world.hub.device('one').receivedTelemetry()).toHaveLength(3);
      expect(fault.hits).toBe(1);
    });

    test('throttledTelemetry takes the message later, or not at all where the device goes', async () => {
      const [one, two] = [await online('one'), await online('two')];
      add({ kind: 'throttledTelemetry', ms: 10_000, device: 'one', times: 3 });
      two.publish(events('two'), 'x', 1);
      await two.next('puback');
      one.publish(events('one'), '1', 1);
      one.publish(events('one'), '2');
      await world.clock.advance(9999);
      expect([one.received, world.hub.device('one').receivedTelemetry()]).toEqual([[], []]);
      await world.clock.advance(1);
      expect(one.received).toMatchObject([{ cmd: 'puback', messageId: 1 }]);
      expect(world.hub.device('one').receivedTelemetry()).toHaveLength(2);
      one.publish(events('one'), '3', 1);
      await world.clock.advance(1);
      one.socket.destroy();
      await world.clock.advance(20_000);
      expect(world.hub.device('one').receivedTelemetry()).toHaveLength(2);
    });

    test('duplicateC2d sends a message twice, the second time with DUP', async () => {
      const [one, two] = [await online('one'), await online('two')];
      for (const [id, client] of [
        ['one', one],
        ['two', two],
      ] as const)
        await client.subscribe(`devices/${id}/messages/devicebound/#`, 1);
      add({ kind: 'duplicateC2d', device: 'one' });
      world.hub.device('two').sendC2D('x');
      const delivery = world.hub.device('one').sendC2D('1');
      world.hub.device('one').sendC2D('2');
      await world.clock.advance(1);
      const seen = (client: RawClient) =>
        client.received.map((packet) => (packet.cmd === 'publish' ? [packet.payload.toString(), packet.dup] : []));
      expect(seen(two)).toEqual([['x', false]]);
      expect(seen(one)).toEqual([
        ['1', false],
        ['1', true],
        ['2', false],
      ]);
      for (let i = 0; i < 2; i++) one.send({ cmd: 'puback', messageId: 1 });
      await expect(world.run(delivery.finished())).resolves.toMatchObject({ status: 'completed' });
      expect([await answers(one), delivery.deliveryCount]).toEqual([true, 1]);
    });

    test('refusedMethod and lostMethod keep a call from the device', async () => {
      const one = await online('one');
      await one.subscribe(METHODS);
      add({ kind: 'refusedMethod', device: 'one' });
      add({ kind: 'lostMethod', device: 'one' });
      const other = add({ kind: 'lostMethod', device: 'two' });
      const device = world.hub.device('one');
      const call = () => world.run(device.invokeMethod('reboot', null, { timeout: 5000 }));
      await expect(call()).rejects.toMatchObject({ code: 'METHOD_THROTTLED' });
      await expect(call()).rejects.toMatchObject({ code: 'TIMED_OUT' });
      expect(one.received).toEqual([]);
      const answered = device.invokeMethod('reboot');
      const { topic } = await one.next('publish');
      one.publish(`$iothub/methods/res/200/${topic.slice(topic.indexOf('?'))}`, '{}');
      expect(await world.run(answered)).toEqual({ status: 200, payload: {} });
      expect(other.hits).toBe(0);
      other.remove();
    });
  });

  test('a connection without faults answers as ever', async () => {
    const client = await atDps(world, credential('one'));
    client.publish('$dps/registrations/PUT/iotdps-register/?$rid=7', '{"registrationId":"one"}');
    expect((await answerTo(client)).body.status).toBe('assigning');
    expect(struck()).toEqual([]);
  });
});
