import type { Duplex } from 'node:stream';
import * as tls from 'node:tls';
import * as fc from 'fast-check';
import { SphereIotError } from '../../src/errors.js';
import { createSdk, IOTHUB_CLIENT_CONFIRMATION_RESULT, IOTHUB_SECURITY_TYPE, type Sdk } from '../../src/sdk/index.js';
import { createDuplexPair, type EndpointResolver } from '../../src/transport/index.js';
import { Pump } from '../../src/device/index.js';
import { addToHub, currentDaa, HUB, keyPem, made, rootAuthority, startSphere, type Sphere } from '../support/sphere.js';

/** What becomes of the bytes that the hub sends. */
interface Plan {
  /** Sizes of the pieces, used over and over. */
  readonly pieces: readonly number[];
  /** Bytes after which the connection is closed; -1: never. */
  readonly cut: number;
  /** Bytes that arrive changed: at which offset, by which mask. */
  readonly changed: readonly { readonly at: number; readonly mask: number }[];
}

/** Someone between device and hub, who ends TLS on both sides, and changes what the hub sends by a plan. */
class Between {
  readonly trustRoots: string;
  plan: Plan = { pieces: [65_536], cut: -1, changed: [] };
  /** Bytes that the hub sent on the newest connection. */
  passed = 0;
  readonly #sphere: Sphere;
  readonly #server: tls.SecureContext;
  readonly #sockets = new Set<Duplex>();

  private constructor(sphere: Sphere, trustRoots: string, server: tls.SecureContext) {
    this.#sphere = sphere;
    this.trustRoots = trustRoots;
    this.#server = server;
  }

  static async start(sphere: Sphere): Promise<Between> {
    const authority = await rootAuthority(sphere.clock, 'Between CA');
    const identity = await authority.issue({ commonName: HUB, usage: 'server', subjectAltNames: [HUB] });
    const context = tls.createSecureContext({ cert: identity.chain, key: keyPem(identity) });
    return new Between(sphere, authority.pem, context);
  }

  readonly resolve: EndpointResolver = (name, port) =>
    name === HUB ? { kind: 'in-process', accept: (stream) => this.#accept(stream, port) } : undefined;

  close(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  #accept(stream: Duplex, port: number): void {
    const { clock, cloud } = this.#sphere;
    const device = new tls.TLSSocket(stream as never, { isServer: true, secureContext: this.#server });
    const [ours, theirs] = createDuplexPair(clock);
    const endpoint = cloud.resolve(HUB, port);
    if (endpoint?.kind !== 'in-process') throw new Error('The emulator is not in this process.');
    endpoint.accept(theirs);
    const credential = currentDaa(this.#sphere);
    const hub = tls.connect({
      socket: ours,
      servername: HUB,
      ca: cloud.trustRoots,
      cert: credential.chain,
      key: keyPem(credential),
    });
    for (const socket of [stream, device, ours, hub]) {
      this.#sockets.add(socket);
      socket.on('error', () => undefined);
    }
    device.on('data', (bytes: Buffer) => hub.write(bytes));
    device.on('close', () => hub.destroy());
    this.passed = 0;
    hub.on('data', (bytes: Buffer) => (this.passed += bytes.length));
    hub.on('data', changing(this.plan, device));
    hub.on('close', () => device.destroy());
  }
}

/** Passes bytes on by a plan. */
function changing({ pieces, cut, changed }: Plan, to: Duplex): (bytes: Buffer) => void {
  let offset = 0;
  let piece = 0;
  return (bytes) => {
    for (const { at, mask } of changed) if (at >= offset && at < offset + bytes.length) bytes[at - offset]! ^= mask;
    let rest = cut < 0 ? bytes : bytes.subarray(0, Math.max(0, cut - offset));
    const ends = cut >= 0 && cut <= offset + bytes.length;
    offset += bytes.length;
    while (rest.length > 0) {
      const size = pieces[piece++ % pieces.length] as number;
      to.write(rest.subarray(0, size));
      rest = rest.subarray(size);
    }
    if (ends) to.end();
  };
}

interface Outcome {
  readonly confirmed: number;
  readonly errors: unknown[];
  readonly alive: boolean;
}

/** A device of its own SDK instance sends three messages, answers a method and reads its twin, for some virtual time. */
async function session(sphere: Sphere, between: Between, ws: boolean, ms = 10_000): Promise<Outcome> {
  const { clock, store, deviceId } = sphere;
  const sdk = await createSdk({ clock, store, resolve: between.resolve, trustRoots: between.trustRoots });
  const errors: unknown[] = [];
  const pump = new Pump(sdk, { idleMs: 1000, onError: (error) => errors.push(error) });
  let confirmed = 0;
  try {
    sdk.iothub_security_init(IOTHUB_SECURITY_TYPE.IOTHUB_SECURITY_TYPE_X509);
    const hub = made(
      sdk.IoTHubDeviceClient_LL_CreateFromDeviceAuth(
        HUB,
        deviceId,
        ws ? sdk.MQTT_WebSocket_Protocol : sdk.MQTT_Protocol,
      ),
    );
    sdk.IoTHubDeviceClient_LL_SetDeviceTwinCallback(hub, () => undefined);
    sdk.IoTHubDeviceClient_LL_SetDeviceMethodCallback(hub, () => ({ status: 200, response: '{}' }));
    for (const text of ['1', '2', '3']) {
      const message = made(sdk.IoTHubMessage_CreateFromString(text));
      sdk.IoTHubDeviceClient_LL_SendEventAsync(hub, message, (result) => {
        if (result === IOTHUB_CLIENT_CONFIRMATION_RESULT.IOTHUB_CLIENT_CONFIRMATION_OK) confirmed++;
      });
      sdk.IoTHubMessage_Destroy(message);
    }
    pump.add(hub);
    await clock.advance(ms);
    if (isAlive(sdk)) sdk.IoTHubDeviceClient_LL_Destroy(hub);
    return { confirmed, errors, alive: isAlive(sdk) };
  } finally {
    pump.close();
    sdk.close();
    await clock.advance(1000);
  }
}

function isAlive(sdk: Sdk): boolean {
  try {
    return sdk.IoTHubClient_GetVersionString() === '1.14.0';
  } catch {
    return false;
  }
}

describe.each([
  ['MQTT', false],
  ['WebSocket', true],
])('bytes from the server, %s', (_transport, ws) => {
  let sphere: Sphere;
  let between: Between;
  beforeEach(async () => {
    sphere = await startSphere();
    addToHub(sphere, currentDaa(sphere));
    between = await Between.start(sphere);
  });
  afterEach(async () => {
    // The emulator has come through it, and serves the next one.
    between.plan = { pieces: [65_536], cut: -1, changed: [] };
    expect(await session(sphere, between, ws)).toEqual({ confirmed: 3, errors: [], alive: true });
    between.close();
    await sphere.close();
  });

  const pieces = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 5 });

  test('in pieces of any size are read as the same', async () => {
    await fc.assert(
      fc.asyncProperty(pieces, async (sizes) => {
        between.plan = { pieces: sizes, cut: -1, changed: [] };
        expect(await session(sphere, between, ws)).toEqual({ confirmed: 3, errors: [], alive: true });
      }),
      { numRuns: 15 },
    );
  });

  test('cut off at every point: the device connects again and again, and nothing but that happens', async () => {
    between.plan = { pieces: [65_536], cut: -1, changed: [] };
    await session(sphere, between, ws);
    const whole = between.passed;
    expect(whole).toBeGreaterThan(100);
    for (let cut = 0; cut <= whole; cut++) {
      between.plan = { pieces: [7], cut, changed: [] };
      const { errors, alive, confirmed } = await session(sphere, between, ws, 500);
      expect({ cut, errors, alive }).toEqual({ cut, errors: [], alive: true });
      expect(confirmed).toBeLessThanOrEqual(3);
    }
  });

  test('changed anywhere: the state machine of the SDK goes on or reports; only our own errors come out', async () => {
    const changed = fc.array(
      fc.record({ at: fc.integer({ min: 0, max: 250 }), mask: fc.integer({ min: 1, max: 255 }) }),
      {
        minLength: 1,
        maxLength: 4,
      },
    );
    await fc.assert(
      fc.asyncProperty(changed, pieces, async (changes, sizes) => {
        between.plan = { pieces: sizes, cut: -1, changed: changes };
        const { errors } = await session(sphere, between, ws);
        for (const error of errors) expect(error).toBeInstanceOf(SphereIotError);
      }),
      { numRuns: 40 },
    );
  });
});
