import type { Credential } from '../../../src/certificates/index.js';
import { describeEvent, toEventGridEvent } from '../../../src/emulator/index.js';
import { register } from '../dps-device.js';
import { HUB, hubConnect, World } from '../support.js';

const TWIN = '$iothub/twin/res/#';
const REPORT = '$iothub/twin/PATCH/properties/reported/?$rid=1';
const DESIRED = '$iothub/twin/PATCH/properties/desired/#';

describe('events', () => {
  let world: World;

  beforeEach(async () => {
    world = await World.create();
  });
  afterEach(() => world.close());

  const events = () => world.azure.events();

  describe('of all services', () => {
    test('come in one order, from enrollment to the end of the connection', async () => {
      await world.enroll();
      const credential = await world.ca.issue({ commonName: 'device-1' });
      await register(world, credential);
      const client = await world.online(credential);
      client.send({ cmd: 'disconnect' });
      await client.closed();
      world.hub.devices.delete('device-1');
      expect(events().map((event) => `${event.service} ${event.type}`)).toEqual([
        'dps connected',
        'hub deviceCreated',
        'dps registered',
        'dps disconnected',
        'front connectionClosed',
        'hub connected',
        'hub disconnected',
        'front connectionClosed',
        'hub deviceDeleted',
      ]);
      expect(events().map(({ sequence }) => sequence)).toEqual([...events().keys()]);
      expect(events().filter(({ service }) => service === 'hub')).toMatchObject(
        world.hub.events().map((event) => ({ ...event, hub: HUB })),
      );
    });

    test('tell a listener, until it ends', async () => {
      const seen: string[] = [];
      const stop = world.azure.onEvent(({ type }) => void seen.push(type));
      await world.device('device-1');
      stop();
      await world.device('device-2');
      expect(seen).toEqual(['deviceCreated']);
    });
  });

  describe('of the registry and the twins', () => {
    test('tell of a new device with its default twin, and hold no key', () => {
      const symmetricKey = { primaryKey: 'c2VjcmV0c2VjcmV0c2VjcmV0', secondaryKey: 'aGlkZGVuaGlkZGVuaGlkZGVu' };
      world.hub.devices.create({ deviceId: 'device-1', authentication: { type: 'sas', symmetricKey } });
      const [event] = world.hub.events();
      const section = { $metadata: { $lastUpdated: new Date(world.clock.now()).toISOString() }, $version: 1 };
      expect(event).toEqual({
        type: 'deviceCreated',
        at: world.clock.now(),
        deviceId: 'device-1',
        twin: {
          deviceId: 'device-1',
          etag: expect.any(String),
          deviceEtag: world.hub.devices.get('device-1').etag,
          status: 'enabled',
          connectionState: 'Disconnected',
          authenticationType: 'sas',
          x509Thumbprint: { primaryThumbprint: null, secondaryThumbprint: null },
          version: 1,
          tags: {},
          properties: { desired: section, reported: section },
        },
      });
      expect(JSON.stringify(event)).not.toMatch(/c2VjcmV0|aGlkZGVu/);
    });

    test('tell of the last twin of a deleted device, before its connection ends', async () => {
      const credential = await world.device('device-1');
      world.hub.device('device-1').updateTags({ floor: 3 });
      const client = await world.online(credential);
      world.hub.devices.delete('device-1');
      await client.closed();
      const twin = { connectionState: 'Connected', tags: { floor: 3 }, version: 2 };
      expect(world.hub.events().slice(-2)).toMatchObject([
        { type: 'deviceDeleted', twin },
        { type: 'disconnected', reason: 'the device was deleted' },
      ]);
    });

    test('tell of each change of a twin: patches as they were, replacements as a whole', async () => {
      const credential = await world.device('device-1');
      const device = world.hub.device('device-1');
      const client = await world.online(credential);
      await client.subscribe(TWIN);
      device.updateDesired({ a: { b: 1, c: 2 }, d: 1 });
      client.publish(REPORT, '{"fan":null,"on":true}');
      await client.next('publish');
      device.updateTags({ floor: 3 });
      await client.subscribe(DESIRED);
      device.replaceDesired({ a: { b: 2 } });
      // The device merges what it gets: it has to be told what is gone.
      const { topic, payload } = await client.next('publish');
      expect(topic).toBe('$iothub/twin/PATCH/properties/desired/?$version=3');
      expect(JSON.parse(payload.toString())).toEqual({ a: { b: 2, c: null }, d: null, $version: 3 });
      device.replaceTags({ room: 'cellar' });
      const at = world.clock.now();
      const common = { type: 'twinChanged', at, deviceId: 'device-1' };
      expect(world.hub.events().filter(({ type }) => type === 'twinChanged')).toEqual([
        {
          ...common,
          section: 'desired',
          operation: 'updateTwin',
          patch: { a: { b: 1, c: 2 }, d: 1 },
          sectionVersion: 2,
          version: 2,
        },
        {
          ...common,
          section: 'reported',
          operation: 'updateTwin',
          patch: { fan: null, on: true },
          sectionVersion: 2,
          version: 3,
        },
        { ...common, section: 'tags', operation: 'updateTwin', patch: { floor: 3 }, version: 4 },
        {
          ...common,
          section: 'desired',
          operation: 'replaceTwin',
          patch: { a: { b: 2 } },
          sectionVersion: 3,
          version: 5,
        },
        { ...common, section: 'tags', operation: 'replaceTwin', patch: { room: 'cellar' }, version: 6 },
      ]);
      expect(device.twin).toMatchObject({ desired: { a: { b: 2 } }, tags: { room: 'cellar' } });
    });

    test('do not tell of a change that was refused', async () => {
      await world.device('device-1');
      const device = world.hub.device('device-1');
      expect(() => device.updateDesired({ 'a.b': 1 })).toThrow(expect.objectContaining({ code: 'TWIN_PATCH_INVALID' }));
      expect(() => device.replaceTags({ $x: 1 })).toThrow(expect.objectContaining({ code: 'TWIN_PATCH_INVALID' }));
      expect(world.hub.events()).toHaveLength(1);
      expect(() => world.hub.device('none').replaceTags({})).toThrow(
        expect.objectContaining({ code: 'DEVICE_NOT_FOUND' }),
      );
    });

    test('a listener that changes the twin again does not spoil the version of the first change', async () => {
      await world.device('device-1');
      const device = world.hub.device('device-1');
      const stop = world.hub.onEvent(() => {
        stop();
        device.updateDesired({ b: 1 });
      });
      expect(device.updateDesired({ a: 1 })).toBe(2);
      expect(device.twin).toMatchObject({ desired: { a: 1, b: 1 }, desiredVersion: 3 });
    });
  });

  describe('nextEvent', () => {
    let credential: Credential;

    beforeEach(async () => {
      credential = await world.device('device-1');
    });

    test('returns what came before the call, each event once, in any order of kinds', async () => {
      const client = await world.online(credential);
      client.send({ cmd: 'disconnect' });
      await client.closed();
      await world.online(credential);
      const next = (type: string) => world.run(world.azure.nextEvent((event) => event.type === type));
      const ended = await next('disconnected');
      const [first, second] = [await next('connected'), await next('connected')];
      expect([first.sequence, ended.sequence, second.sequence]).toEqual([1, 2, 4]);
      expect(await world.run(world.azure.nextEvent())).toMatchObject({ type: 'deviceCreated' });
    });

    test('waits for what comes, and knows the type of what it found', async () => {
      const waiting = world.azure.nextEvent((event) => event.service === 'hub' && event.type === 'connected');
      await world.online(credential);
      const event = await world.run(waiting);
      expect(event.clientType).toBe('iothubclient/1.14.0');
    });

    test('looks at new events only where that is asked for', async () => {
      await world.online(credential);
      const waiting = world.azure.nextEvent(({ type }) => type === 'connected', { onlyNew: true });
      await world.online(credential);
      expect((await world.run(waiting)).sequence).toBeGreaterThan(2);
    });

    test('two waits at once get two events', async () => {
      const both = [world.azure.nextEvent(isCreated), world.azure.nextEvent(isCreated)];
      await world.device('device-2');
      expect((await world.run(Promise.all(both))).map((event) => 'deviceId' in event && event.deviceId)).toEqual([
        'device-1',
        'device-2',
      ]);
    });

    test('fails after its time with the last events, without their twins', async () => {
      await world.open(HUB).then((client) => client.connect(hubConnect('device-1')));
      const start = world.clock.now();
      const waiting = world.azure.nextEvent(({ type }) => type === 'connected', { timeout: 5000 });
      const error = await world.run(waiting).catch((thrown: Error) => thrown);
      expect(error).toMatchObject({ code: 'TIMED_OUT' });
      expect(world.clock.now()).toBe(start + 5000);
      expect((error as Error).message.split('\n').slice(0, 3)).toEqual([
        "Waited 5 s of the virtual clock for an event for which ({ type }) => type === 'connected' holds, in vain. The last that happened at the services, of 3 events:",
        `  2026-01-01T00:00:00.000Z ${HUB} deviceCreated deviceId="device-1"`,
        `  2026-01-01T00:00:00.000Z ${HUB} authenticationFailed deviceId="device-1" returnCode=5 reason="no client certificate was sent"`,
      ]);
    });

    test('ends with the emulator, with what its predicate throws, and leaves no timer', async () => {
      const closed = world.azure.nextEvent(({ type }) => type === 'disconnected');
      const thrown = world.azure.nextEvent(() => {
        throw new Error('mine');
      });
      await expect(thrown).rejects.toThrow('mine');
      const ended = expect(closed).rejects.toMatchObject({ code: 'EMULATOR_CLOSED' });
      await world.azure.close();
      await ended;
    });
  });

  test('are described in one line, long values cut', async () => {
    await world.device('device-1');
    world.hub.device('device-1').updateTags({ text: 'x'.repeat(500) });
    const line = describeEvent(events()[1]!);
    expect(line).toMatch(/^2026-01-01T00:00:00\.000Z contoso\.azure-devices\.net twinChanged deviceId="device-1" /);
    expect(line).toMatch(/patch=\{"text":"x+…/);
    expect(line.length).toBeLessThan(350);
  });

  describe('in the form of Event Grid', () => {
    const exported = () => events().map((event) => toEventGridEvent(event, { hub: world.hub }));
    const topic =
      '/SUBSCRIPTIONS/00000000-0000-0000-0000-000000000000/RESOURCEGROUPS/LOCAL/PROVIDERS/MICROSOFT.DEVICES/IOTHUBS/CONTOSO';
    const common = {
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      topic,
      subject: 'devices/device-1',
      eventTime: '2026-01-01T00:00:00.000Z',
      dataVersion: '1',
      metadataVersion: '1',
    };

    test('a device is created, connected, disconnected, deleted', async () => {
      const client = await world.online(await world.device('device-1'));
      client.send({ cmd: 'disconnect' });
      await client.closed();
      world.hub.devices.delete('device-1');
      const twin = expect.objectContaining({ deviceId: 'device-1', version: 1 });
      const data = { hubName: 'contoso', deviceId: 'device-1' };
      const connection = (sequence: number) => ({
        deviceConnectionStateEventInfo: { sequenceNumber: `${sequence}`.padStart(64, '0') },
        ...data,
      });
      expect(exported().filter((event) => event !== undefined)).toEqual([
        { ...common, eventType: 'Microsoft.Devices.DeviceCreated', data: { twin, ...data } },
        { ...common, eventType: 'Microsoft.Devices.DeviceConnected', data: connection(1) },
        { ...common, eventType: 'Microsoft.Devices.DeviceDisconnected', data: connection(2) },
        { ...common, eventType: 'Microsoft.Devices.DeviceDeleted', data: { twin, ...data } },
      ]);
    });

    test('not what Event Grid does not tell, nor what another hub saw', async () => {
      const other = await World.create({ hubs: ['fabrikam.azure-devices.net'] });
      await world.device('device-1');
      world.hub.device('device-1').updateTags({ a: 1 });
      await world.open(HUB).then((client) => client.connect(hubConnect('device-1')));
      expect(exported().filter((event) => event !== undefined)).toHaveLength(1);
      expect(toEventGridEvent(events()[0]!, { hub: other.hub })).toBeUndefined();
      expect(toEventGridEvent(events()[0]!, { hub: world.hub, topic: '/mine' })).toMatchObject({ topic: '/mine' });
      await other.close();
    });

    test('telemetry: JSON where it is declared and is JSON, else base64', async () => {
      const client = await world.online(await world.device('device-1'));
      const path = 'devices/device-1/messages/events/';
      const json = '%24.ct=application%2Fjson%3Bcharset%3Dutf-8&%24.ce=UTF-8';
      client.publish(`${path}room=cellar&${json}`, '{"t":21}', 1);
      await client.next('puback');
      client.publish(`${path}${json}`, '{"t":', 1);
      await client.next('puback');
      client.publish(path, '{"t":21}', 1);
      await client.next('puback');
      const messages = world.hub.device('device-1').receivedTelemetry();
      const [first, second, third] = messages.map((message) => toEventGridEvent(message, { hub: world.hub }));
      expect(first).toEqual({
        ...common,
        eventType: 'Microsoft.Devices.DeviceTelemetry',
        data: {
          properties: { room: 'cellar' },
          systemProperties: {
            'iothub-content-type': 'application/json;charset=utf-8',
            'iothub-content-encoding': 'UTF-8',
            'iothub-connection-device-id': 'device-1',
            'iothub-connection-auth-method': '{"scope":"device","type":"x509Certificate","issuer":"external"}',
            'iothub-connection-auth-generation-id': world.hub.devices.get('device-1').generationId,
            'iothub-enqueuedtime': '2026-01-01T00:00:00.000Z',
            'iothub-message-source': 'Telemetry',
          },
          body: { t: 21 },
        },
      });
      expect([second, third]).toMatchObject([
        { data: { body: Buffer.from('{"t":').toString('base64') } },
        { data: { body: Buffer.from('{"t":21}').toString('base64') } },
      ]);
    });
  });
});

function isCreated({ type }: { type: string }): boolean {
  return type === 'deviceCreated';
}
