import { Pump, SphereDevice, type DeviceStatus, type SphereDeviceOptions } from '../../src/device/index.js';
import { createSdk, type Sdk } from '../../src/sdk/index.js';
import { moduleOf } from '../../src/sdk/create-sdk.js';
import type { OutageOptions } from '../../src/transport/index.js';
import { DAY, enroll, HUB, issuePem, rootAuthority, startSphere, type Sphere } from '../support/sphere.js';
import { uncaught } from '../support/uncaught.js';

const devices = new Set<SphereDevice>();

function makeDevice(sphere: Sphere, options: Partial<SphereDeviceOptions> = {}): SphereDevice {
  const { sdk, pump, cloud } = sphere;
  const device = new SphereDevice({ sdk, pump, idScope: cloud.dps.idScope, ...options } as SphereDeviceOptions);
  devices.add(device);
  return device;
}

/** Ends the test's devices before the context looks at what is left. */
async function closeAll(sphere: Sphere): Promise<void> {
  for (const device of devices) device.close();
  devices.clear();
  await sphere.close();
}

describe('SphereDevice', () => {
  let sphere: Sphere;
  beforeEach(async () => {
    sphere = await startSphere({ pump: true });
  });
  afterEach(() => closeAll(sphere));

  test('provisions and connects, and tells its status', async () => {
    const device = makeDevice(sphere);
    const statuses: DeviceStatus[] = [];
    device.onStatus((status) => statuses.push(status));
    await sphere.clock.runUntil(device.connect());
    expect(device.assignment).toEqual({ hub: HUB, deviceId: sphere.deviceId });
    expect(sphere.cloud.hub().device(sphere.deviceId).isConnected).toBe(true);
    device.close();
    expect(statuses).toEqual(['connecting', 'connected', 'disconnected', 'closed']);
    await expect(device.connect()).rejects.toMatchObject({ code: 'DEVICE_CLOSED' });
  });

  test('sends telemetry with all that a message can carry', async () => {
    const device = makeDevice(sphere);
    await sphere.clock.runUntil(device.connect());
    const body = { temperature: 21 };
    const options = {
      properties: { alert: 'yes & no' },
      messageId: 'm1',
      correlationId: 'c1',
      contentType: 'application/json',
      contentEncoding: 'utf-8',
      creationTimeUtc: '2026-01-01T00:00:00Z',
    };
    await sphere.clock.runUntil(device.sendTelemetry(body, options));
    const received = await sphere.cloud.hub().device(sphere.deviceId).nextTelemetry();
    expect(JSON.parse(received.body.toString())).toEqual(body);
    expect(received.properties).toEqual({ alert: 'yes & no' });
    expect(received.systemProperties).toMatchObject({
      messageId: 'm1',
      correlationId: 'c1',
      contentType: 'application/json',
    });
  });

  test('answers direct methods: by handler, 404 without one, and takes a handler before and after it connects', async () => {
    const device = makeDevice(sphere);
    device.onMethod('double', (payload) => ({ status: 200, payload: 2 * (payload as number) }));
    await sphere.clock.runUntil(device.connect());
    device.onMethod('later', (payload, name) => ({ status: 202, payload: { name, none: payload === undefined } }));
    await sphere.clock.advance(1000);
    const remote = sphere.cloud.hub().device(sphere.deviceId);
    const invoke = (name: string, payload?: unknown) => sphere.clock.runUntil(remote.invokeMethod(name, payload));
    expect(await invoke('double', 21)).toEqual({ status: 200, payload: 42 });
    expect(await invoke('later')).toEqual({ status: 202, payload: { name: 'later', none: true } });
    expect(await invoke('nobody')).toEqual({ status: 404, payload: null });
  });

  test('reads the twin, gets desired properties and reports its own', async () => {
    const device = makeDevice(sphere);
    const desired: unknown[] = [];
    device.onDesired((patch) => desired.push(patch));
    await sphere.clock.runUntil(device.connect());
    await sphere.clock.advance(1000);
    sphere.cloud.hub().device(sphere.deviceId).updateDesired({ interval: 5 });
    await sphere.clock.advance(1000);
    expect(desired).toEqual([{ $version: 1 }, { interval: 5, $version: 2 }]);
    await sphere.clock.runUntil(device.updateReported({ interval: 5 }));
    const twin = await sphere.clock.runUntil(device.getTwin());
    expect(twin).toMatchObject({ desired: { interval: 5 }, reported: { interval: 5 } });
  });

  test('takes cloud-to-device messages, over WebSocket, and says what becomes of them', async () => {
    const device = makeDevice(sphere, { protocol: 'mqtt-ws', provisioningPayload: { modelId: 'x' } } as never);
    const received: unknown[] = [];
    device.onMessage((message) => {
      const { body, property, ...rest } = message;
      received.push({ body: Buffer.from(body).toString(), room: property('room'), none: property('none'), ...rest });
      return 'accept';
    });
    await sphere.clock.runUntil(device.connect());
    expect(sphere.cloud.dps.registration(sphere.deviceId)?.requestPayload).toEqual({ modelId: 'x' });
    const options = {
      properties: { room: 'a & b' },
      messageId: 'm-1',
      correlationId: 'c-1',
      contentType: 'text/plain',
      contentEncoding: 'utf-8',
    };
    const { properties: _, ...expected } = options;
    const delivery = sphere.cloud.hub().device(sphere.deviceId).sendC2D('hello', options);
    expect((await sphere.clock.runUntil(delivery.finished())).status).toBe('completed');
    expect(received).toEqual([{ body: 'hello', room: 'a & b', none: null, ...expected }]);
  });

  test('with a custom chain, both overrides are called with it', async () => {
    const authority = await rootAuthority(sphere.clock);
    await enroll(sphere.cloud, 'contoso', authority);
    const custom = await issuePem(authority, 'boiler-7');
    const device = makeDevice(sphere, { custom });
    await sphere.clock.runUntil(device.connect());
    expect(device.assignment?.deviceId).toBe('boiler-7');
    expect(sphere.cloud.hub().device('boiler-7').isConnected).toBe(true);
  });

  test('after a loss it provisions again and connects with a new handle and the newest certificate', async () => {
    const device = makeDevice(sphere);
    device.onMethod('ping', () => ({ status: 200 }));
    await sphere.clock.runUntil(device.connect());
    await sphere.clock.advance(DAY);
    const remote = sphere.cloud.hub().device(sphere.deviceId);
    remote.disconnect();
    await sphere.clock.advance(1);
    expect(device.status).toBe('disconnected');
    await expect(sphere.clock.runUntil(device.sendTelemetry('lost'))).rejects.toMatchObject({
      code: 'TELEMETRY_NOT_CONFIRMED',
    });
    await sphere.clock.runUntil(remote.connected());
    await sphere.clock.advance(1000);
    expect(device.status).toBe('connected');
    expect(sphere.cloud.dps.registration(sphere.deviceId)).toMatchObject({ status: 'assigned' });
    expect((await sphere.clock.runUntil(remote.invokeMethod('ping'))).status).toBe(200);
  });

  test('after a loss that passes, the SDK connects again by itself, and nothing is provisioned', async () => {
    const device = makeDevice(sphere);
    await sphere.clock.runUntil(device.connect());
    const statuses: DeviceStatus[] = [];
    device.onStatus((status) => statuses.push(status));
    const before = sphere.cloud.dps.events().length;
    sphere.cloud.hub().device(sphere.deviceId).disconnect();
    await sphere.clock.advance(60_000);
    expect(statuses).toEqual(['disconnected', 'connected']);
    expect(sphere.cloud.dps.events()).toHaveLength(before);
    await sphere.clock.runUntil(device.sendTelemetry('here again'));
  });

  test('while the hub refuses, it tries again after 1 s, 10 s, 20 s, …, and says so by its status', async () => {
    const device = makeDevice(sphere);
    await sphere.clock.runUntil(device.connect());
    const attempts: number[] = [];
    const start = sphere.clock.now();
    device.onStatus((status) => {
      if (status === 'connecting') attempts.push(Math.round((sphere.clock.now() - start) / 1000));
    });
    sphere.cloud.dps.enrollmentGroups.update('catalog-devices', { enabled: false });
    // Disabling disconnects it.
    sphere.cloud.hub().devices.update(sphere.deviceId, { enabled: false });
    await sphere.clock.advance(75_000);
    expect(attempts).toEqual([1, 11, 31, 71]);
    sphere.cloud.dps.enrollmentGroups.update('catalog-devices', { enabled: true });
    sphere.cloud.hub().devices.update(sphere.deviceId, { enabled: true });
    await sphere.clock.runUntil(sphere.cloud.hub().device(sphere.deviceId).connected());
  });

  test('close ends a connect that is under way', async () => {
    const device = makeDevice(sphere);
    sphere.cloud.faults.add({ kind: 'dpsSilence' });
    const ended = expect(device.connect({ timeout: Infinity })).rejects.toMatchObject({ code: 'DEVICE_CLOSED' });
    await sphere.clock.advance(1000);
    device.close();
    await ended;
  });

  /** An SDK instance beside that of the sphere: nobody looks at what it leaves. */
  async function anotherSdk(): Promise<{ readonly sdk: Sdk; readonly pump: Pump }> {
    const { clock, cloud, store } = sphere;
    const sdk = await createSdk({ clock, store, resolve: cloud.resolve, trustRoots: cloud.trustRoots });
    return { sdk, pump: new Pump(sdk) };
  }

  test('the end of the SDK instance is that of its devices, and of all that they wait for, at once', async () => {
    const { sdk, pump } = await anotherSdk();
    const device = makeDevice(sphere, { sdk, pump });
    const other = makeDevice(sphere, { sdk, pump });
    await sphere.clock.runUntil(device.connect());
    sphere.cloud.faults.add({ kind: 'throttledTelemetry', ms: 59_000 });
    sphere.cloud.faults.add({ kind: 'twinSilence', times: 10 });
    sphere.cloud.faults.add({ kind: 'dpsSilence' });
    const closed = expect.objectContaining({ code: 'SDK_CLOSED' });
    const ended = [
      expect(device.sendTelemetry('warm', { timeout: Infinity })).rejects.toEqual(closed),
      expect(device.getTwin({ timeout: Infinity })).rejects.toEqual(closed),
      expect(other.connect({ timeout: Infinity })).rejects.toEqual(closed),
    ];
    await sphere.clock.advance(1000);
    sdk.close();
    await Promise.all(ended);
    await expect(device.sendTelemetry('warm')).rejects.toEqual(closed);
    expect([device.status, other.status]).toEqual(['closed', 'closed']);
    device.close();
    sdk.close();
  });

  describe('where C crashes', () => {
    /** Has the next DoWork of the instance read through wild pointers. */
    function ruin(sdk: Sdk): void {
      new Uint8Array(moduleOf(sdk).exports.memory.buffer).fill(0xff, 1024);
    }
    const crashed = expect.objectContaining({ code: 'SDK_CRASHED' });

    test('all that its devices wait for rejects, and nothing is thrown on the event loop', async () => {
      const { sdk, pump } = await anotherSdk();
      const [device, other] = [makeDevice(sphere, { sdk, pump }), makeDevice(sphere, { sdk, pump })];
      await sphere.clock.runUntil(device.connect());
      sphere.cloud.faults.add({ kind: 'throttledTelemetry', ms: 59_000 });
      sphere.cloud.faults.add({ kind: 'twinSilence', times: 10 });
      sphere.cloud.faults.add({ kind: 'dpsSilence' });
      const ended = [
        expect(device.sendTelemetry('warm', { timeout: Infinity })).rejects.toEqual(crashed),
        expect(device.getTwin({ timeout: Infinity })).rejects.toEqual(crashed),
        expect(other.connect({ timeout: Infinity })).rejects.toEqual(crashed),
      ];
      await sphere.clock.advance(1000);
      const thrown = uncaught();
      ruin(sdk);
      await sphere.clock.advance(1000);
      await Promise.all(ended);
      await expect(device.sendTelemetry('warm')).rejects.toEqual(crashed);
      expect([device.status, other.status]).toEqual(['closed', 'closed']);
      device.close();
      pump.close();
      sdk.close();
      expect(thrown()).toEqual([]);
    });

    test('and nothing waits, the crash is thrown on the event loop, once', async () => {
      const { sdk, pump } = await anotherSdk();
      const device = makeDevice(sphere, { sdk, pump });
      await sphere.clock.runUntil(device.connect());
      const thrown = uncaught();
      ruin(sdk);
      await sphere.clock.advance(10_000);
      expect(thrown()).toEqual([crashed]);
      expect(device.status).toBe('closed');
      sdk.close();
    });

    test('onError gets it too', async () => {
      const { clock, cloud, store } = sphere;
      const sdk = await createSdk({ clock, store, resolve: cloud.resolve, trustRoots: cloud.trustRoots });
      const errors: unknown[] = [];
      const pump = new Pump(sdk, { onError: (error) => void errors.push(error) });
      const device = makeDevice(sphere, { sdk, pump });
      sphere.cloud.faults.add({ kind: 'dpsSilence' });
      const ended = expect(device.connect({ timeout: Infinity })).rejects.toEqual(crashed);
      await clock.advance(1000);
      ruin(sdk);
      await clock.advance(1000);
      await ended;
      expect(errors).toEqual([crashed]);
      sdk.close();
    });
  });

  test('a promise that nobody awaits is told of by close, of the device or of the SDK instance', async () => {
    const { sdk, pump } = await anotherSdk();
    const device = makeDevice(sphere, { sdk, pump });
    const other = makeDevice(sphere, { sdk, pump });
    await sphere.clock.runUntil(device.connect());
    const throttled = sphere.cloud.faults.add({ kind: 'throttledTelemetry', ms: 59_000 });
    void device.sendTelemetry('warm');
    void other.connect();
    const forgotten = (what: string): Error =>
      expect.objectContaining({ code: 'WAIT_FORGOTTEN', message: expect.stringContaining(what) }) as Error;
    expect(() => device.close()).toThrow(forgotten('the confirmation of telemetry'));
    expect(() => sdk.close()).toThrow(forgotten('the connection to the hub'));
    throttled.remove(); // it may have come too late
  });

  test('an outage that nobody awaits is told of by close', async () => {
    const { sdk, pump } = await anotherSdk();
    const device = makeDevice(sphere, { sdk, pump });
    await sphere.clock.runUntil(device.connect());
    void device.outage(600_000);
    device.close();
    expect(() => sdk.close()).toThrow(expect.objectContaining({ code: 'WAIT_FORGOTTEN' }));
  });

  test('what a listener of the status throws is told of by close, and harms nothing', async () => {
    const device = makeDevice(sphere);
    const mine = new Error('mine');
    device.onStatus(() => {
      throw mine;
    });
    await sphere.clock.runUntil(device.connect());
    await sphere.clock.runUntil(device.sendTelemetry('warm'));
    expect(() => device.close()).toThrow(expect.objectContaining({ code: 'LISTENER_FAILED', cause: mine }));
    expect(device.status).toBe('closed');
  });

  test.each([undefined, null, 'x', {}])('%p does not listen', (none) => {
    const device = makeDevice(sphere);
    const invalid = expect.objectContaining({ code: 'ARGUMENT_INVALID' });
    expect(() => device.onStatus(none as never)).toThrow(invalid);
    expect(() => device.onMethod('boil', none as never)).toThrow(invalid);
    expect(() => device.onDesired(none as never)).toThrow(invalid);
    expect(() => device.onMessage(none as never)).toThrow(invalid);
    expect(() => sphere.daa.onRenewed(none as never)).toThrow(invalid);
  });

  test('an outage that nobody ended, and that has struck nothing, is told of by close', () => {
    sphere.sdk.network.fail();
    expect(() => sphere.sdk.close()).toThrow(expect.objectContaining({ code: 'OUTAGE_NEVER_STRUCK' }));
  });

  test.each<OutageOptions>([{}, { kind: 'halfOpen' }, { kind: 'slow', latencyMs: 100 }, { kind: 'lossy', loss: 1 }])(
    'an outage (%p) that has struck nothing but the goodbye of a device that is closed is told of, too',
    async (options) => {
      const device = makeDevice(sphere);
      await sphere.clock.runUntil(device.connect());
      const outage = sphere.sdk.network.fail(options);
      device.close();
      await new Promise(setImmediate);
      await new Promise(setImmediate);
      expect(outage.hits).toBeGreaterThan(0);
      expect(() => sphere.sdk.close()).toThrow(expect.objectContaining({ code: 'OUTAGE_NEVER_STRUCK' }));
    },
  );

  test('an outage that a test ends may have struck a goodbye alone', async () => {
    const device = makeDevice(sphere);
    await sphere.clock.runUntil(device.connect());
    const outage = sphere.sdk.network.fail();
    device.close();
    await new Promise(setImmediate);
    outage.end();
    sphere.sdk.close();
  });

  test('a method whose handler gives a promise is told that it may not', async () => {
    const errors: unknown[] = [];
    const other = await startSphere({ pump: { onError: (error) => void errors.push(error) } });
    const { clock, cloud } = other;
    const device = makeDevice(other);
    device.onMethod('reboot', (async () => ({ status: 200 })) as never);
    await clock.runUntil(device.connect());
    const { deviceId } = device.assignment!;
    const called = cloud.hub().device(deviceId).invokeMethod('reboot', null, { connectTimeout: 5000, timeout: 5000 });
    await clock.runUntil(called).catch(() => undefined);
    expect(errors).toEqual([expect.objectContaining({ code: 'METHOD_RESPONSE_INVALID' })]);
    device.close();
    await other.close();
  });

  test('after a connect that came to its limit the next one begins anew', async () => {
    const device = makeDevice(sphere);
    sphere.cloud.faults.add({ kind: 'dpsSilence' });
    await expect(sphere.clock.runUntil(device.connect({ timeout: 5000 }))).rejects.toMatchObject({ code: 'TIMED_OUT' });
    expect(device.status).toBe('disconnected');
    await sphere.clock.runUntil(device.connect());
    expect(device.status).toBe('connected');
  });

  test('a hub given by name needs no DPS', async () => {
    const device = makeDevice(sphere);
    await sphere.clock.runUntil(device.provision());
    device.close();
    const { sdk, pump, deviceId } = sphere;
    const named = new SphereDevice({ sdk, pump, hub: HUB, deviceId });
    devices.add(named);
    await sphere.clock.runUntil(named.connect());
    expect(named.status).toBe('connected');
    await expect(named.provision()).rejects.toMatchObject({ code: 'NO_DPS' });
  });

  describe('says why it failed', () => {
    const failure = (device: SphereDevice) => sphere.clock.runUntil(device.connect().catch((error: unknown) => error));

    test('the CA is not verified', async () => {
      const authority = await rootAuthority(sphere.clock);
      sphere.cloud.dps.certificates.upload('unverified', authority.certificate);
      const custom = await issuePem(authority, 'boiler-7');
      expect(await failure(makeDevice(sphere, { custom }))).toMatchObject({
        code: 'PROVISIONING_FAILED',
        c: { type: 'PROV_DEVICE_RESULT', name: 'PROV_DEVICE_RESULT_DEV_AUTH_ERROR' },
        message: expect.stringMatching(/401002 .*uploaded to DPS, verified by proof of possession/),
        cause: { code: 'DPS_REGISTRATION_REFUSED' },
      });
    });

    test('the id scope is unknown', async () => {
      expect(await failure(makeDevice(sphere, { idScope: '0neFFFFFFFF' } as never))).toMatchObject({
        c: { name: 'PROV_DEVICE_RESULT_DEV_AUTH_ERROR' },
        cause: { code: 'DPS_CONNECT_REFUSED' },
        message: expect.stringContaining('the id scope 0neFFFFFFFF is not one of this service'),
      });
    });

    test('the enrollment is disabled', async () => {
      sphere.cloud.dps.enrollmentGroups.update('catalog-devices', { enabled: false });
      expect(await failure(makeDevice(sphere))).toMatchObject({
        c: { name: 'PROV_DEVICE_RESULT_DISABLED' },
        cause: { code: 'DPS_DISABLED' },
      });
    });

    test('the device id is written in another case', async () => {
      const { sdk, pump, deviceId } = sphere;
      const device = new SphereDevice({ sdk, pump, hub: HUB, deviceId: deviceId.toUpperCase() });
      devices.add(device);
      expect(await failure(device)).toMatchObject({
        code: 'CONNECT_FAILED',
        cause: { code: 'HUB_CONNECT_REFUSED' },
        message: expect.stringContaining('they differ in letter case only'),
      });
    });

    test('the host is not mapped', async () => {
      expect(await failure(makeDevice(sphere, { endpoint: 'dps.example.net' } as never))).toMatchObject({
        c: { name: 'PROV_DEVICE_RESULT_TRANSPORT' },
        cause: { code: 'ENDPOINT_NOT_MAPPED' },
      });
    });

    test('it is not connected', async () => {
      await expect(makeDevice(sphere).sendTelemetry('x')).rejects.toMatchObject({ code: 'NOT_CONNECTED' });
      await expect(makeDevice(sphere).getTwin()).rejects.toMatchObject({ code: 'NOT_CONNECTED' });
    });
  });
});
