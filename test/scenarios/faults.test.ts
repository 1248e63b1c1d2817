// What the real SDK makes of each fault: sections A4 and G of the protocol, seen from the application.
import * as fc from 'fast-check';

import { Pump } from '../../src/device/index.js';
import type { FaultOptions } from '../../src/emulator/index.js';
import {
  DEVICE_TWIN_UPDATE_STATE,
  IOTHUB_CLIENT_CONFIRMATION_RESULT,
  IOTHUB_CLIENT_CONNECTION_STATUS_REASON,
  IOTHUB_SECURITY_TYPE,
  IOTHUBMESSAGE_DISPOSITION_RESULT,
  PROV_DEVICE_RESULT,
  type IOTHUB_DEVICE_CLIENT_LL_HANDLE,
  type PROV_DEVICE_LL_HANDLE,
} from '../../src/sdk/index.js';
import {
  addToHub,
  connectedHub,
  createHub,
  createProv,
  currentDaa,
  enroll,
  HOUR,
  HUB,
  issuePem,
  made,
  register,
  rootAuthority,
  startSphere,
  textMessage,
  type Sphere,
} from '../support/sphere.js';

describe('at DPS', () => {
  /** The result, the seconds that it took, and what the diagnostics say. */
  const registration = async (fault: FaultOptions): Promise<[string | undefined, number, string]> => {
    const sphere = await startSphere({ pump: { idleMs: 1000 } });
    const { sdk, clock, cloud } = sphere;
    const added = cloud.faults.add(fault);
    const prov = createProv(sphere);
    const start = clock.now();
    const { result } = await register(sphere, prov);
    expect(added.hits).toBe(fault.times ?? 1);
    sdk.Prov_Device_LL_Destroy(prov);
    const said = sdk.diagnostics.map(({ code, message }) => `${code}: ${message}`).join('\n');
    return [PROV_DEVICE_RESULT[result], (clock.now() - start) / 1000, said];
  };

  test.each<[FaultOptions, string, string]>([
    [{ kind: 'connack', code: 5 }, 'DEV_AUTH_ERROR', 'DPS_CONNECT_REFUSED'],
    [{ kind: 'refuseTls' }, 'TRANSPORT', 'CONNECTION_FAILED'],
    [{ kind: 'expiredCertificate' }, 'TRANSPORT', 'has expired'],
    [{ kind: 'drop', packet: 'publish' }, 'TRANSPORT', ''],
    [{ kind: 'dpsError', status: 401 }, 'DEV_AUTH_ERROR', 'DPS_REGISTRATION_REFUSED'],
    [{ kind: 'dpsDisabled' }, 'DISABLED', 'DPS_DISABLED'],
  ])('%j ends the registration with %s', async (fault, result, diagnostic) => {
    const [actual, , said] = await registration(fault);
    expect(actual).toBe(`PROV_DEVICE_RESULT_${result}`);
    expect(said).toContain(diagnostic);
  });

  test.each<[FaultOptions, number]>([
    [{ kind: 'dpsError', status: 429, retryAfterSeconds: 5, times: 2 }, 10],
    [{ kind: 'dpsError', status: 503, retryAfterSeconds: 20, request: 'poll' }, 20],
    [{ kind: 'dpsAssigning', polls: 4 }, 9],
    [{ kind: 'delay', ms: 2000 }, 4],
  ])('%j is waited out, silently, at least %d s', async (fault, seconds) => {
    const [result, took, said] = await registration(fault);
    expect([result, said]).toEqual(['PROV_DEVICE_RESULT_OK', '']);
    expect(took).toBeGreaterThanOrEqual(seconds);
  });

  test('dpsSilence is waited out for ever, unless the application set a time-out', async () => {
    const sphere = await startSphere({ pump: { idleMs: 1000 } });
    const { sdk, cloud, clock } = sphere;
    cloud.faults.add({ kind: 'dpsSilence' });
    const prov = createProv(sphere);
    await expect(register(sphere, prov)).rejects.toMatchObject({ code: 'TIMED_OUT' });
    sdk.Prov_Device_LL_Destroy(prov);
    cloud.faults.add({ kind: 'dpsSilence' });
    const impatient = made(
      sdk.Prov_Device_LL_Create(cloud.dps.endpoint, cloud.dps.idScope, sdk.Prov_Device_MQTT_Protocol),
    );
    expect(sdk.Prov_Device_LL_SetOption(impatient, 'provisioning_timeout', 60)).toBe(0);
    const start = clock.now();
    expect(PROV_DEVICE_RESULT[(await register(sphere, impatient)).result]).toBe('PROV_DEVICE_RESULT_TIMEOUT');
    expect(clock.now() - start).toBeGreaterThanOrEqual(60_000);
    sdk.Prov_Device_LL_Destroy(impatient);
  });
});

describe('at the hub', () => {
  interface Seen {
    /** `seconds REASON` for each change of the connection, `seconds confirmed RESULT` for the message. */
    readonly lines: string[];
    /** Second and DUP flag of each time that the hub got the message. */
    readonly received: [number, boolean][];
    readonly diagnostics: string;
  }

  /** A device that sends one message at once, and then is left alone for a quarter of an hour. */
  const seenWith = async (fault: FaultOptions): Promise<Seen> => {
    const sphere = await startSphere({ pump: { idleMs: 1000 } });
    const { sdk, pump, clock, cloud } = sphere;
    addToHub(sphere, currentDaa(sphere));
    cloud.faults.add(fault);
    const hub = createHub(sphere);
    const start = clock.now();
    const lines: string[] = [];
    const second = () => (clock.now() - start) / 1000;
    const name = (text: string | undefined) => text?.replace(/^IOTHUB_CLIENT_(CONNECTION_|CONFIRMATION_)?/, '');
    sdk.IoTHubDeviceClient_LL_SetConnectionStatusCallback(hub, (_, reason) => {
      lines.push(`${second()} ${name(IOTHUB_CLIENT_CONNECTION_STATUS_REASON[reason])}`);
    });
    sendText(sphere, hub, '1', (result) =>
      lines.push(`${second()} confirmed ${name(IOTHUB_CLIENT_CONFIRMATION_RESULT[result])}`),
    );
    pump.add(hub);
    await clock.advance(HOUR / 4);
    const received = cloud.hub().device(sphere.deviceId).receivedTelemetry();
    const diagnostics = sdk.diagnostics.map(({ code, message }) => `${code}: ${message}`).join('\n');
    sdk.IoTHubDeviceClient_LL_Destroy(hub);
    return {
      lines,
      received: received.map(({ enqueuedTime, duplicate }) => [(enqueuedTime - start) / 1000, duplicate]),
      diagnostics,
    };
  };
  /** The lines without their times, of those that follow each other without a change only one. */
  const words = ({ lines }: Seen): string[] =>
    lines.map((line) => line.replace(/^\S+ /, '')).filter((line, index, all) => line !== all[index - 1]);

  test.each<[1 | 2 | 3 | 4 | 5, string[]]>([
    [1, ['confirmed BECAUSE_DESTROY']],
    [2, ['BAD_CREDENTIAL', 'confirmed BECAUSE_DESTROY']],
    [3, ['DEVICE_DISABLED', 'OK', 'confirmed OK']],
    [4, ['BAD_CREDENTIAL', 'confirmed BECAUSE_DESTROY']],
    [5, ['BAD_CREDENTIAL', 'OK', 'confirmed OK']],
  ])('CONNACK %d, twice: %j', async (code, expected) => {
    const seen = await seenWith({ kind: 'connack', code, times: 2 });
    expect(words(seen)).toEqual(expected);
    expect(seen.diagnostics).toContain(`HUB_CONNECT_REFUSED: ${HUB} refused the connection (MQTT return code ${code})`);
    expect(seen.received).toHaveLength(expected.includes('OK') ? 1 : 0);
  });

  test.each<[FaultOptions, string]>([
    [{ kind: 'refuseTls', times: 2 }, 'CONNECTION_FAILED'],
    [{ kind: 'expiredCertificate', times: 2 }, 'SERVER_NOT_TRUSTED: The certificate of contoso'],
  ])('%j is NO_NETWORK, and gone over by itself', async (fault, diagnostic) => {
    const seen = await seenWith(fault);
    expect(words(seen)).toEqual(['NO_NETWORK', 'OK', 'confirmed OK']);
    expect(seen.diagnostics).toContain(diagnostic);
    if (fault.kind === 'expiredCertificate') expect(seen.diagnostics).toContain('has expired');
  });

  test.each(['drop', 'takeOver'] as const)('%s: NO_NETWORK, then the message again, as DUP', async (kind) => {
    const seen = await seenWith({ kind, packet: 'publish' });
    expect(words(seen)).toEqual(['OK', 'NO_NETWORK', 'OK', 'confirmed OK']);
    expect(seen.received).toEqual([[61, true]]);
  });

  test('a lost PUBACK: the message comes again as DUP after 60 s, and is confirmed', async () => {
    const seen = await seenWith({ kind: 'lostPuback' });
    expect(seen.lines).toEqual(['0 OK', '61 confirmed OK']);
    expect(seen.received).toEqual([
      [0, false],
      [61, true],
    ]);
  });

  test('two lost PUBACKs: MESSAGE_TIMEOUT after 120 s, though the hub has the message', async () => {
    const seen = await seenWith({ kind: 'lostPuback', times: 2 });
    expect(seen.lines).toEqual(['0 OK', '120 confirmed MESSAGE_TIMEOUT', '120 COMMUNICATION_ERROR', '120 OK']);
    expect(seen.received).toHaveLength(2);
  });

  test('throttled telemetry: confirmed late', async () => {
    const seen = await seenWith({ kind: 'throttledTelemetry', ms: 30_000 });
    expect(seen.lines).toEqual(['0 OK', '30 confirmed OK']);
    expect(seen.received).toEqual([[30, false]]);
  });

  test('half-open while idle: NO_PING_RESPONSE', async () => {
    const seen = await seenWith({ kind: 'halfOpen', packet: 'pingreq' });
    // A PINGREQ after the keepalive's 240 s, and 80 s for its answer.
    expect(seen.lines).toEqual(['0 OK', '0 confirmed OK', '321 NO_PING_RESPONSE', '321 OK']);
  });

  test('half-open with a message under way: MESSAGE_TIMEOUT after 120 s', async () => {
    const seen = await seenWith({ kind: 'halfOpen', packet: 'publish' });
    expect(seen.lines).toEqual(['0 OK', '120 confirmed MESSAGE_TIMEOUT', '120 COMMUNICATION_ERROR', '120 OK']);
    expect(seen.received).toEqual([]);
  });

  test('half-open from the CONNECT: it is given up after 30 s, and tried again', async () => {
    const seen = await seenWith({ kind: 'halfOpen', packet: 'connect' });
    expect(words(seen).slice(-2)).toEqual(['OK', 'confirmed OK']);
    expect(parseFloat(seen.lines.at(-1) ?? '')).toBeGreaterThanOrEqual(30);
  });

  test('a slow hub: everything arrives, in order', async () => {
    const sphere = await startSphere({ pump: { idleMs: 1000 } });
    const { clock, cloud, deviceId, sdk } = sphere;
    const hub = await connectedHub(sphere);
    cloud.faults.add({ kind: 'slowReader', bytesPerSecond: 5000, for: 600_000 });
    const texts = Array.from({ length: 10 }, (_, index) => String(index).repeat(10_000));
    const confirmed: number[] = [];
    for (const text of texts) sendText(sphere, hub, text, (result) => void confirmed.push(result));
    await clock.advance(15_000);
    expect(confirmed.length).toBeGreaterThan(4);
    expect(confirmed.length).toBeLessThan(9);
    await clock.advance(10_000);
    expect(confirmed).toEqual(texts.map(() => 0));
    const bodies = cloud.hub().device(deviceId).receivedTelemetry();
    expect(bodies.map(({ body }) => body.toString())).toEqual(texts);
    sdk.IoTHubDeviceClient_LL_Destroy(hub);
  });

  test('the twin: an answer that never comes is NULL after a minute; a refused report shows its status', async () => {
    const sphere = await startSphere({ pump: { idleMs: 1000 } });
    const { sdk, clock, cloud } = sphere;
    const hub = await connectedHub(sphere);
    // The SDK asks twice: once for itself.
    cloud.faults.add({ kind: 'twinSilence', request: 'get', times: 2 });
    cloud.faults.add({ kind: 'twinError', status: 429, request: 'report' });
    const got: [string | undefined, number][] = [];
    sdk.IoTHubDeviceClient_LL_GetTwinAsync(hub, (state, payload) => {
      got.push([DEVICE_TWIN_UPDATE_STATE[state], payload?.length ?? 0]);
    });
    await clock.advance(59_000);
    expect(got).toEqual([]);
    await clock.advance(61_000);
    expect(got).toEqual([['DEVICE_TWIN_UPDATE_COMPLETE', 0]]);
    const report = () =>
      clock.runUntil(
        new Promise<number>((resolve) => sdk.IoTHubDeviceClient_LL_SendReportedState(hub, '{"a":1}', resolve)),
      );
    expect(await report()).toBe(429);
    expect(await report()).toBe(204);
    sdk.IoTHubDeviceClient_LL_Destroy(hub);
  });

  test('a doubled cloud-to-device message comes twice, and is completed', async () => {
    const sphere = await startSphere({ pump: { idleMs: 1000 } });
    const { sdk, clock, cloud, deviceId } = sphere;
    const hub = await connectedHub(sphere);
    let count = 0;
    sdk.IoTHubDeviceClient_LL_SetMessageCallback(hub, () => {
      count++;
      return IOTHUBMESSAGE_DISPOSITION_RESULT.IOTHUBMESSAGE_ACCEPTED;
    });
    await clock.advance(1000);
    cloud.faults.add({ kind: 'duplicateC2d', device: deviceId });
    const delivery = cloud.hub().device(deviceId).sendC2D('1');
    expect(await clock.runUntil(delivery.finished())).toMatchObject({ status: 'completed' });
    await clock.advance(1000);
    expect(count).toBe(2);
    sdk.IoTHubDeviceClient_LL_Destroy(hub);
  });
});

describe('a storm', () => {
  const seconds = (most: number) => fc.integer({ min: 1, max: most }).map((value) => value * 1000);
  const packet = fc.constantFrom('connect' as const, 'publish' as const, 'pingreq' as const);
  const kind: fc.Arbitrary<FaultOptions> = fc.oneof(
    {
      weight: 4,
      arbitrary: fc.constantFrom<FaultOptions>(
        { kind: 'refuseTls' },
        { kind: 'expiredCertificate' },
        { kind: 'duplicateC2d' },
        { kind: 'twinSilence' },
        { kind: 'dpsSilence' },
        { kind: 'dpsDisabled' },
        { kind: 'dpsAssigning', polls: 5 },
        { kind: 'refusedMethod' },
        { kind: 'lostMethod' },
      ),
    },
    fc.record({
      kind: fc.constantFrom('twinError' as const, 'dpsError' as const),
      status: fc.constantFrom(401, 429, 500, 503),
    }),
    fc.record({ kind: fc.constant('connack' as const), code: fc.constantFrom(1 as const, 2, 3, 4, 5) }),
    fc.record({ kind: fc.constantFrom('drop' as const, 'takeOver' as const, 'halfOpen' as const), packet }),
    fc.record({ kind: fc.constantFrom('drop' as const, 'takeOver' as const, 'halfOpen' as const) }),
    fc.record({ kind: fc.constant('delay' as const), ms: seconds(90) }),
    fc.record({ kind: fc.constant('slowReader' as const), bytesPerSecond: fc.integer({ min: 20, max: 2000 }) }),
    fc.constant({ kind: 'lostPuback' as const }),
    fc.record({ kind: fc.constant('throttledTelemetry' as const), ms: seconds(150) }),
  );
  const often = fc.oneof(
    fc.record({ times: fc.integer({ min: 1, max: 4 }), after: fc.integer({ min: 0, max: 5 }) }),
    fc.record({ for: seconds(300), probability: fc.double({ min: 0.1, max: 0.9, noNaN: true }) }),
  );
  const plan = fc.record({
    seed: fc.integer(),
    devices: fc.integer({ min: 1, max: 3 }),
    faults: fc.array(fc.tuple(kind, often, fc.option(fc.nat(2)), fc.oneof(fc.constant(0), seconds(200))), {
      minLength: 4,
      maxLength: 14,
    }),
    messages: fc.integer({ min: 5, max: 12 }),
  });

  interface Sent {
    readonly device: string;
    readonly text: string;
    result?: IOTHUB_CLIENT_CONFIRMATION_RESULT;
  }

  const device = (index: number): string => `device-${index}`;

  /** One device in the storm: its handles, and what reached it. */
  interface Struck {
    readonly id: string;
    readonly hub: IOTHUB_DEVICE_CLIENT_LL_HANDLE;
    readonly prov: PROV_DEVICE_LL_HANDLE;
    /** What came to it: C2D, methods, the id that DPS gave it. */
    readonly seen: string[];
  }

  /** Devices with certificates of their own, which the hub knows and DPS would take. */
  const begin = async (sphere: Sphere, count: number): Promise<Struck[]> => {
    const { sdk, clock, cloud } = sphere;
    const authority = await rootAuthority(clock);
    await enroll(cloud, 'contoso', authority);
    expect(sdk.iothub_security_init(IOTHUB_SECURITY_TYPE.IOTHUB_SECURITY_TYPE_X509)).toBe(0);
    const all: Struck[] = [];
    for (let index = 0; index < count; index++) {
      const id = device(index);
      const { chain, privateKey, credential } = await issuePem(authority, id);
      const authentication = { type: 'selfSigned', thumbprints: { primary: credential.leaf.fingerprint } } as const;
      cloud.hub().devices.create({ deviceId: id, authentication });
      const prov = createProv(sphere);
      expect(sdk.AzureIoT_OverrideAzureSphereAuthDPS(prov, chain, privateKey)).toBe(0);
      const hub = made(sdk.IoTHubDeviceClient_LL_CreateFromDeviceAuth(HUB, id, sdk.MQTT_Protocol));
      expect(sdk.AzureIoT_OverrideAzureSphereAuthIoTHub(hub, chain, privateKey)).toBe(0);
      all.push({ id, hub, prov, seen: [] });
    }
    return all;
  };

  /** Registers, and listens to everything that a device can listen to. */
  const listen = ({ sdk }: Sphere, { hub, prov, seen }: Struck): void => {
    sdk.Prov_Device_LL_Register_Device(prov, (_, __, deviceId) => void seen.push(deviceId ?? ''), null);
    sdk.IoTHubDeviceClient_LL_SetMessageCallback(hub, (message) => {
      seen.push(Buffer.from(sdk.IoTHubMessage_GetByteArray(message).buffer ?? []).toString());
      return IOTHUBMESSAGE_DISPOSITION_RESULT.IOTHUBMESSAGE_ACCEPTED;
    });
    sdk.IoTHubDeviceClient_LL_SetDeviceMethodCallback(hub, (name) => {
      seen.push(name ?? '');
      return { status: 200, response: '{}' };
    });
  };

  const receivedBy = ({ cloud }: Sphere, id: string): string[] =>
    cloud
      .hub()
      .device(id)
      .receivedTelemetry()
      .map(({ body }) => body.toString());

  test('no message is confirmed that the hub did not get, and none strays', async () => {
    let confirmedOk = 0;
    let unconfirmed = 0;
    let seenByDevices = 0;
    const struck = new Set<string>();
    await fc.assert(
      fc.asyncProperty(plan, async ({ seed, devices, faults, messages }) => {
        const sphere = await startSphere({ faultSeed: seed });
        const { sdk, clock, cloud } = sphere;
        const pump = new Pump(sdk, { idleMs: 1000 });
        const all = await begin(sphere, devices);
        const sent: Sent[] = [];
        const due = faults.map(([options, how, target, at]) =>
          clock.setTimer(at, () => {
            const overTls = options.kind === 'refuseTls' || options.kind === 'expiredCertificate';
            const aimed = target === null || overTls ? {} : { device: device(target) };
            cloud.faults.add({ ...options, ...how, ...aimed } as FaultOptions);
          }),
        );
        await clock.advance(0);
        for (const one of all) {
          listen(sphere, one);
          pump.add(one.prov);
          pump.add(one.hub);
        }
        for (let round = 0; round < messages; round++) {
          for (const { id, hub } of all) {
            const message: Sent = { device: id, text: `${id}: ${round}` };
            sent.push(message);
            sendText(sphere, hub, message.text, (result) => (message.result = result));
            sdk.IoTHubDeviceClient_LL_SendReportedState(hub, JSON.stringify({ me: id }), () => undefined);
            cloud.hub().device(id).sendC2D(`${id}: for you`);
            cloud
              .hub()
              .device(id)
              .invokeMethod(id)
              .catch(() => undefined);
          }
          await clock.advance(20_000);
        }
        await clock.advance(600_000);
        for (const { hub, prov } of all) {
          sdk.IoTHubDeviceClient_LL_Destroy(hub);
          sdk.Prov_Device_LL_Destroy(prov);
        }
        for (const timer of due) timer.cancel();
        for (const event of cloud.events()) if (event.type === 'fault') struck.add(event.kind);

        const OK = IOTHUB_CLIENT_CONFIRMATION_RESULT.IOTHUB_CLIENT_CONFIRMATION_OK;
        for (const { device: id, text, result } of sent) {
          // Each has its end, at the latest with the handle.
          expect([text, result]).toEqual([text, expect.any(Number)]);
          if (result === OK) expect(receivedBy(sphere, id)).toContain(text);
          if (result === OK) confirmedOk++;
          else unconfirmed++;
        }
        for (const { id, seen } of all) {
          for (const text of receivedBy(sphere, id)) expect(text).toMatch(`${id}: `);
          for (const text of seen) expect(['', id, `${id}: for you`]).toContain(text);
          expect([{}, { me: id }]).toContainEqual(cloud.hub().device(id).twin.reported);
          seenByDevices += seen.length;
        }
        pump.close();
        cloud.faults.clear(); // not each that was drawn has struck
        await sphere.close();
      }),
      { seed: 20260101, numRuns: 40, endOnFailure: true },
    );
    // What was drawn has to be worth something.
    expect(struck.size).toBeGreaterThanOrEqual(17);
    expect(confirmedOk).toBeGreaterThan(300);
    expect(unconfirmed).toBeGreaterThan(20);
    expect(seenByDevices).toBeGreaterThan(500);
  });
});

function sendText(
  sphere: Sphere,
  hub: IOTHUB_DEVICE_CLIENT_LL_HANDLE,
  text: string,
  confirmed: (result: IOTHUB_CLIENT_CONFIRMATION_RESULT) => void,
): void {
  const message = textMessage(sphere, text);
  expect(sphere.sdk.IoTHubDeviceClient_LL_SendEventAsync(hub, message, confirmed)).toBe(0);
  sphere.sdk.IoTHubMessage_Destroy(message);
}
