import { HUB, hubConnect, World, type RawClient } from '../support.js';
import type { Credential } from '../../../src/certificates/index.js';

const METHODS = '$iothub/methods/POST/#';
const TWIN = '$iothub/twin/res/#';
const DESIRED = '$iothub/twin/PATCH/properties/desired/#';

describe('IoT Hub', () => {
  let world: World;
  let credential: Credential;
  let client: RawClient;

  beforeEach(async () => {
    world = await World.create();
    credential = await world.device('device-1');
    client = await world.online(credential);
  });
  afterEach(() => world.close());

  const device = () => world.hub.device('device-1');

  describe('connections', () => {
    test('are told to the service side, with reasons', async () => {
      await world.run(device().connected());
      client.send({ cmd: 'disconnect' });
      await world.run(device().disconnected());
      await client.closed();
      expect(world.hub.events()).toEqual([
        expect.objectContaining({ type: 'deviceCreated', deviceId: 'device-1' }),
        {
          type: 'connected',
          at: world.clock.now(),
          deviceId: 'device-1',
          sessionPresent: false,
          clientType: 'iothubclient/1.14.0',
        },
        { type: 'disconnected', at: world.clock.now(), deviceId: 'device-1', reason: 'the client disconnected' },
      ]);
    });

    test('are taken over by a newer one, which finds the subscriptions of its session', async () => {
      await client.subscribe(METHODS);
      const newer = await world.open(HUB, credential);
      expect(await newer.connect(hubConnect('device-1'))).toMatchObject({ returnCode: 0, sessionPresent: true });
      await client.closed();
      expect(device().isConnected).toBe(true);
      const call = device().invokeMethod('m');
      expect((await newer.next('publish')).topic).toBe('$iothub/methods/POST/m/?$rid=1');
      newer.publish('$iothub/methods/res/200/?$rid=1', '{}');
      await expect(world.run(call)).resolves.toEqual({ status: 200, payload: {} });
    });

    test('that are clean drop the session, before and after', async () => {
      await client.subscribe(METHODS);
      const clean = await world.open(HUB, credential);
      expect((await clean.connect(hubConnect('device-1', { clean: true }))).sessionPresent).toBe(false);
      await clean.subscribe(METHODS);
      clean.send({ cmd: 'disconnect' });
      await clean.closed();
      const again = await world.open(HUB, credential);
      expect((await again.connect(hubConnect('device-1'))).sessionPresent).toBe(false);
      await expect(device().invokeMethod('m')).rejects.toMatchObject({ code: 'DEVICE_NOT_ONLINE' });
    });

    test.each([
      ['disable', 'the device was disabled'],
      ['delete', 'the device was deleted'],
      ['disconnect', 'the service closed it'],
    ])('end on %s', async (what, reason) => {
      if (what === 'disable') world.hub.devices.update('device-1', { enabled: false });
      if (what === 'delete') world.hub.devices.delete('device-1');
      if (what === 'disconnect') device().disconnect();
      await client.closed();
      expect(world.hub.events().at(-1)).toMatchObject({ type: 'disconnected', reason });
    });

    test('keep to the subscriptions that are documented', async () => {
      const filters = [METHODS, TWIN, DESIRED, 'devices/device-1/messages/devicebound/#'];
      for (const filter of filters) expect(await client.subscribe(filter, 2)).toBe(1);
      expect(await client.subscribe('devices/device-2/messages/devicebound/#')).toBe(0x80);
      expect(await client.subscribe('#')).toBe(0x80);
      expect(world.hub.events().at(-1)).toMatchObject({ type: 'subscriptionRefused', filter: '#' });
    });

    test('are waited for until they have subscribed to desired properties', async () => {
      let subscribed = 0;
      const wait = (): Promise<void> =>
        device()
          .subscribedToDesiredProperties()
          .then(() => void subscribed++);
      const first = wait();
      await client.subscribe(METHODS);
      await client.subscribe(TWIN);
      expect(subscribed).toBe(0);
      await client.subscribe(DESIRED);
      await first;
      await wait();
      expect(subscribed).toBe(2);
      device().updateDesired({ interval: 5 });
      const { topic, payload } = await client.next('publish');
      expect([topic, payload.toString()]).toEqual([
        expect.stringMatching(/^\$iothub\/twin\/PATCH\/properties\/desired\//),
        '{"interval":5,"$version":2}',
      ]);
      device().disconnect();
      await client.closed();
      const again = wait();
      const next = await world.open(HUB, credential);
      expect(subscribed).toBe(2);
      await next.connect(hubConnect('device-1')); // its session has the subscription
      await again;
    });

    test.each([
      'devices/device-2/messages/events/',
      'devices/device-1/messages/eventsx',
      'elsewhere',
      '$iothub/twin/GET/',
    ])('end on a PUBLISH to %s', async (topic) => {
      client.publish(topic, 'x', 1);
      await client.closed();
      expect(client.received).toEqual([]);
      expect(world.hub.events().at(-1)).toMatchObject({ reason: expect.stringContaining(topic) });
    });

    test('end on a message of more than 256 KB', async () => {
      client.publish('devices/device-1/messages/events/', Buffer.alloc(262_144), 1);
      await client.next('puback');
      client.publish('devices/device-1/messages/events/', Buffer.alloc(262_145), 1);
      await client.closed();
      expect(device().receivedTelemetry()).toHaveLength(1);
    });
  });

  describe('refuses with CONNACK 5', () => {
    const refusal = async (connect: object, shown: Credential | undefined = credential): Promise<unknown> => {
      const other = await world.open(HUB, shown);
      const { returnCode } = await other.connect(connect);
      await other.closed();
      const event = world.hub.events().at(-1);
      return [returnCode, event?.type === 'authenticationFailed' ? event.reason : event];
    };

    test('who is unknown, disabled, or shows another certificate', async () => {
      const stranger = await world.ca.issue({ commonName: 'stranger' });
      expect(await refusal(hubConnect('stranger'), stranger)).toEqual([5, expect.stringContaining('not registered')]);
      const other = await world.ca.issue({ commonName: 'device-1' });
      expect(await refusal(hubConnect('device-1'), other)).toEqual([5, expect.stringContaining('thumbprint')]);
      world.hub.devices.update('device-1', { enabled: false });
      expect(await refusal(hubConnect('device-1'))).toEqual([5, expect.stringContaining('disabled')]);
    });

    test('by a CA: who has another common name; by a thumbprint that does not matter', async () => {
      world.hub.certificates.upload('ca', world.ca.certificate, { verified: true });
      const shown = await world.ca.issue({ commonName: 'kettle' });
      world.hub.devices.create({ deviceId: 'kitchen', authentication: { type: 'certificateAuthority' } });
      expect(await refusal(hubConnect('kitchen'), shown)).toEqual([
        5,
        "the certificate's common name is kettle, the device id kitchen",
      ]);
      const thumbprints = { primary: shown.leaf.fingerprint };
      world.hub.devices.update('kitchen', { authentication: { type: 'selfSigned', thumbprints } });
      expect(await (await world.open(HUB, shown)).connect(hubConnect('kitchen'))).toMatchObject({ returnCode: 0 });
    });

    test('who shows no certificate', async () => {
      const other = await world.open(HUB);
      expect((await other.connect(hubConnect('device-1'))).returnCode).toBe(5);
    });

    test('who says something else than who it is', async () => {
      expect(await refusal(hubConnect('device-1', { clientId: 'x' }))).toEqual([
        5,
        expect.stringContaining('client id'),
      ]);
      const elsewhere = { username: 'fabrikam.azure-devices.net/device-1/?api-version=2020-09-30' };
      expect(await refusal(hubConnect('device-1', elsewhere))).toEqual([5, expect.stringContaining('fabrikam')]);
      expect(await refusal(hubConnect('device-1', { username: HUB }))).toEqual([5, expect.anything()]);
      expect(await refusal(hubConnect('device-1', { username: `${HUB}/device-1/m/?api-version=1` }))).toEqual([
        5,
        expect.stringContaining('modules'),
      ]);
    });

    test('an expired certificate, by the clock', async () => {
      const short = await world.device('short', 1000);
      await world.clock.advance(2000);
      expect(await refusal(hubConnect('short'), short)).toEqual([5, expect.stringContaining('expired')]);
    });
  });

  describe('telemetry', () => {
    test('is acknowledged and decoded', async () => {
      const bag = '%24.mid=m%201&%24.ct=application%2Fjson&$.ce=utf-8&raw=v w:ü&k%261=v%3D1&empty=&none&100%=x';
      client.publish(`devices/device-1/messages/events/${bag}`, '{"t":1}', 1, true);
      expect(await client.next('puback')).toMatchObject({ messageId: 1 });
      expect(await world.run(device().nextTelemetry())).toEqual({
        body: Buffer.from('{"t":1}'),
        properties: { raw: 'v w:ü', 'k&1': 'v=1', empty: '', none: '', '100%': 'x', 'mqtt-retain': 'true' },
        systemProperties: {
          messageId: 'm 1',
          contentType: 'application/json',
          contentEncoding: 'utf-8',
          connectionDeviceId: 'device-1',
        },
        enqueuedTime: world.clock.now(),
        qos: 1,
        duplicate: false,
      });
    });

    test('is not lost by listening late, nor returned twice', async () => {
      for (const text of ['a', 'b', 'c']) client.publish('devices/device-1/messages/events/', text, 1);
      for (let i = 0; i < 3; i++) await client.next('puback');
      const seen: string[] = [];
      for await (const { body } of device().telemetry()) {
        seen.push(body.toString());
        if (seen.length === 3) break;
      }
      expect(seen).toEqual(['a', 'b', 'c']);
      expect((await device().nextTelemetry()).body.toString()).toBe('a');
      expect((await device().nextTelemetry(({ body }) => body.toString() === 'c')).body.toString()).toBe('c');
      const next = device().nextTelemetry();
      client.publish('devices/device-1/messages/events/', 'd');
      expect((await world.run(next)).body.toString()).toBe('d');
    });

    test('is the will of a device that was lost, not of one that disconnected', async () => {
      const will = { topic: 'devices/device-1/messages/events/k=v', payload: Buffer.from('gone') };
      const other = await world.online(credential, { will });
      other.send({ cmd: 'disconnect' });
      await other.closed();
      expect(device().receivedTelemetry()).toEqual([]);
      const lost = await world.online(credential, { will });
      lost.socket.destroy();
      const { body, properties } = await world.run(device().nextTelemetry());
      expect([body.toString(), properties]).toEqual(['gone', { k: 'v', 'iothub-MessageType': 'Will' }]);
    });
  });

  describe('direct methods', () => {
    test('are answered by the device', async () => {
      await client.subscribe(METHODS, 0);
      const call = device().invokeMethod('component*reboot', { delay: 3 });
      const request = await client.next('publish');
      expect(request).toMatchObject({ topic: '$iothub/methods/POST/component*reboot/?$rid=1', qos: 0 });
      expect(request.payload.toString()).toBe('{"delay":3}');
      client.publish('$iothub/methods/res/207/?$rid=1', '{"ok":true}');
      expect(await world.run(call)).toEqual({ status: 207, payload: { ok: true } });
    });

    test('fail with 404103 offline or unsubscribed, unless there is time to come', async () => {
      await expect(device().invokeMethod('m')).rejects.toMatchObject({ code: 'DEVICE_NOT_ONLINE' });
      const late = device().invokeMethod('m', 1, { connectTimeout: 5000 });
      await client.subscribe(METHODS);
      client.publish('$iothub/methods/res/200/?$rid=1');
      expect(await world.run(late)).toEqual({ status: 200, payload: null });
      client.send({ cmd: 'disconnect' });
      await client.closed();
      const start = world.clock.now();
      const never = device().invokeMethod('m', 1, { connectTimeout: 5000 });
      await expect(world.run(never)).rejects.toThrow(/404103.*not connected/);
      expect(world.clock.now() - start).toBe(5000);
    });

    test.each([
      ['2147483647', 2_147_483_647],
      ['-2147483648', -2_147_483_648],
      ['0200', 200],
    ])('the status %s is passed on', async (sent, status) => {
      await client.subscribe(METHODS);
      const call = device().invokeMethod('m');
      client.publish(`$iothub/methods/res/${sent}/?$rid=1`, '{}');
      expect(await world.run(call)).toEqual({ status, payload: {} });
    });

    test.each(['2147483648', '-2147483649', '1'.repeat(30), '9'.repeat(400)])(
      'the status %s is none: the topic is not documented',
      async (sent) => {
        await client.subscribe(METHODS);
        const call = device().invokeMethod('m');
        client.publish(`$iothub/methods/res/${sent}/?$rid=1`, '{}');
        await client.closed();
        await expect(world.run(call)).rejects.toMatchObject({ code: 'TIMED_OUT' });
      },
    );

    test('time out by the clock', async () => {
      await client.subscribe(METHODS);
      const start = world.clock.now();
      await expect(world.run(device().invokeMethod('m'))).rejects.toMatchObject({ code: 'TIMED_OUT' });
      expect(world.clock.now() - start).toBe(30_000);
    });

    test('refuse what is no name, no JSON, no device', async () => {
      await client.subscribe(METHODS);
      await expect(device().invokeMethod('a/b')).rejects.toMatchObject({ code: 'METHOD_NAME_INVALID' });
      await expect(device().invokeMethod('a', 'x'.repeat(131_073))).rejects.toMatchObject({
        code: 'METHOD_PAYLOAD_INVALID',
      });
      await expect(world.hub.device('x').invokeMethod('a')).rejects.toMatchObject({ code: 'DEVICE_NOT_FOUND' });
      const call = device().invokeMethod('m');
      client.publish('$iothub/methods/res/200/?$rid=1', 'not json');
      await expect(world.run(call)).rejects.toMatchObject({ code: 'METHOD_RESPONSE_NOT_JSON' });
    });
  });

  describe('the twin', () => {
    const get = async (): Promise<unknown> => {
      client.publish('$iothub/twin/GET/?$rid=9');
      const { topic, payload, qos } = await client.next('publish');
      expect([topic, qos]).toEqual(['$iothub/twin/res/200/?$rid=9', 0]);
      return JSON.parse(payload.toString());
    };
    const report = async (patch: string): Promise<string> => {
      client.publish('$iothub/twin/PATCH/properties/reported/?$rid=x1', patch);
      return (await client.next('publish')).topic;
    };

    test('is got, reported to and desired from', async () => {
      await client.subscribe(TWIN);
      expect(await get()).toEqual({ desired: { $version: 1 }, reported: { $version: 1 } });
      expect(await report('{"a":{"b":1,"c":2},"d":[1]}')).toBe('$iothub/twin/res/204/?$rid=x1&$version=2');
      expect(await report('{"a":{"b":null},"d":[2]}')).toBe('$iothub/twin/res/204/?$rid=x1&$version=3');
      await expect(world.run(device().reported((all) => 'a' in all))).resolves.toEqual({ a: { c: 2 }, d: [2] });
      // Not subscribed: not pushed, seen in the next GET.
      expect(device().updateDesired({ on: true, off: false })).toBe(2);
      expect(await get()).toEqual({
        desired: { on: true, off: false, $version: 2 },
        reported: { a: { c: 2 }, d: [2], $version: 3 },
      });
      await client.subscribe(DESIRED);
      expect(device().updateDesired({ off: null })).toBe(3);
      const { topic, payload } = await client.next('publish');
      expect(topic).toBe('$iothub/twin/PATCH/properties/desired/?$version=3');
      expect(JSON.parse(payload.toString())).toEqual({ off: null, $version: 3 });
      expect(device().twin).toMatchObject({ desired: { on: true }, desiredVersion: 3, reportedVersion: 3, tags: {} });
    });

    test('refuses what the rules forbid with 400', async () => {
      await client.subscribe(TWIN);
      const deep = '{"a":'.repeat(11) + '1' + '}'.repeat(11);
      const patches = ['{', '[]', '{"a.b":1}', '{"$a":1}', '{"a b":1}', deep, `{"a":${2 ** 53}}`];
      for (const patch of patches) expect(await report(patch)).toBe('$iothub/twin/res/400/?$rid=x1');
      expect(() => device().updateDesired({ 'a.b': 1 })).toThrow(
        expect.objectContaining({ code: 'TWIN_PATCH_INVALID' }),
      );
      expect(device().twin).toMatchObject({ desiredVersion: 1, reportedVersion: 1 });
    });

    test('waits for what the device reports', async () => {
      const waiting = device().reported(({ level }) => level === 2);
      client.publish('$iothub/twin/PATCH/properties/reported/?$rid=1', '{"level":1}');
      client.publish('$iothub/twin/PATCH/properties/reported/?$rid=2', '{"level":2}');
      expect(await world.run(waiting)).toEqual({ level: 2 });
    });
  });

  test('closing ends every wait', async () => {
    const iterator = device().telemetry();
    const next = iterator.next();
    const closed = { code: 'EMULATOR_CLOSED' };
    const message = expect(device().nextTelemetry()).rejects.toMatchObject(closed);
    await client.subscribe(METHODS);
    const call = expect(device().invokeMethod('m')).rejects.toMatchObject(closed);
    await client.next('publish');
    await world.azure.close();
    await expect(next).resolves.toEqual({ done: true, value: undefined });
    await message;
    await call;
    expect(world.azure.resolve(HUB, 8883)).toBeUndefined();
  });
});
