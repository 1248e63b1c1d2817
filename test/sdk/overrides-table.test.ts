// Both overrides: each state of a handle × each argument × both callers. What is refused changes nothing, and what the
// handle uses afterwards shows at the service.
import { CertificateAuthority, type Credential } from '../../src/certificates/index.js';
import { moduleOf } from '../../src/sdk/create-sdk.js';
import {
  IOTHUB_CLIENT_RESULT,
  IOTHUB_SECURITY_TYPE,
  PROV_DEVICE_RESULT,
  SECURE_DEVICE_TYPE,
  type IOTHUB_DEVICE_CLIENT_LL_HANDLE,
  type PROV_DEVICE_LL_HANDLE,
} from '../../src/sdk/index.js';
import { Proxy, PROXY } from '../support/proxy.js';
import {
  addToHub,
  connect,
  createHub,
  createProv,
  currentDaa,
  customChains,
  DPS,
  enroll,
  HOUR,
  HUB,
  issuePem,
  made,
  register,
  rootAuthority,
  send,
  startSphere,
  textMessage,
  type Pem,
  type Sphere,
} from '../support/sphere.js';

/** A device whose DPS takes its DAA certificate and custom ones, and certificates to try. */
interface Credentials {
  readonly sphere: Sphere;
  readonly daa: Credential;
  /** Two for the device's own id, and one for another. */
  readonly first: Pem;
  readonly second: Pem;
  readonly other: Pem;
  readonly expired: Pem;
  readonly early: Pem;
}

async function startCredentials(): Promise<Credentials> {
  const proxy = new Proxy();
  const sphere = await startSphere({
    pump: true,
    sdk: (cloud) => {
      const { resolve } = proxy.options(cloud);
      return { resolve: (name, port) => resolve?.(name, port) ?? cloud.resolve(name, port) };
    },
  });
  const { clock, cloud, deviceId } = sphere;
  proxy.clock = () => clock;
  const authority = await rootAuthority(clock);
  await enroll(cloud, 'contoso', authority);
  const subject = { commonName: 'Early CA' };
  const early = await CertificateAuthority.create({ subject, clock, skewMs: -HOUR });
  return {
    sphere,
    daa: currentDaa(sphere),
    first: await issuePem(authority, deviceId),
    second: await issuePem(authority, deviceId),
    other: await issuePem(authority, 'another'),
    expired: await issuePem(authority, deviceId, -60_000),
    early: await issuePem(early, deviceId),
  };
}

type Argument = string | null;

/** What neither function takes in any state: with its code, and what the diagnostic says. */
const REFUSED: [string, string, RegExp, (world: Credentials) => [Argument, Argument]][] = [
  ['NULL chain', 'OVERRIDE_ARGUMENT_MISSING', /chain is missing/, ({ second: { privateKey } }) => [null, privateKey]],
  ['NULL key', 'OVERRIDE_ARGUMENT_MISSING', /private key is missing/, ({ second: { chain } }) => [chain, null]],
  ['empty chain', 'OVERRIDE_ARGUMENT_MISSING', /chain is missing/, ({ second: { privateKey } }) => ['', privateKey]],
  ['empty key', 'OVERRIDE_ARGUMENT_MISSING', /private key is missing/, ({ second: { chain } }) => [chain, '']],
  ['garbage chain', 'CERTIFICATE_NOT_PEM', /no PEM certificate/, ({ second: s }) => ['no PEM', s.privateKey]],
  ['garbage key', 'CERTIFICATE_KEY_NOT_PEM', /can't be read as one/, ({ second: s }) => [s.chain, 'no key']],
  ['cut chain', 'CERTIFICATE_TRUNCATED', /cut off/, ({ second: s }) => [s.chain.slice(0, -40), s.privateKey]],
  ['cut key', 'CERTIFICATE_KEY_TRUNCATED', /cut off/, ({ second: s }) => [s.chain, s.privateKey.slice(0, -40)]],
  ['chain and key swapped', 'CERTIFICATE_NOT_PEM', /no PEM certificate/, ({ second: s }) => [s.privateKey, s.chain]],
  [
    'key of another',
    'CERTIFICATE_KEY_MISMATCH',
    /not that of/,
    ({ second, other }) => [second.chain, other.privateKey],
  ],
  [
    'stranger in it',
    'CERTIFICATE_CHAIN_BROKEN',
    /did not sign/,
    (w) => [w.second.chain + w.other.chain, w.second.privateKey],
  ],
  ['expired leaf', 'CERTIFICATE_EXPIRED', /expired at .*the clock says/, ({ expired: e }) => [e.chain, e.privateKey]],
  ['early leaf', 'CERTIFICATE_NOT_YET_VALID', /valid only from/, ({ early: e }) => [e.chain, e.privateKey]],
];

/** Two ways to call: what came of it, a result's name or the code of what was thrown. */
interface Caller {
  readonly name: string;
  /** Texts that can't be used are thrown, and diagnostics have the handle. */
  readonly typeScript: boolean;
  dps(world: Credentials, prov: PROV_DEVICE_LL_HANDLE, chain: Argument, key: Argument): string;
  hub(world: Credentials, hub: IOTHUB_DEVICE_CLIENT_LL_HANDLE, chain: Argument, key: Argument): string;
}

function outcome(call: () => number, results: Record<number, string>): string {
  try {
    return results[call()] as string;
  } catch (error) {
    return (error as { code: string }).code;
  }
}

const OVERRIDE_DPS = 'AzureIoT_OverrideAzureSphereAuthDPS';
const OVERRIDE_HUB = 'AzureIoT_OverrideAzureSphereAuthIoTHub';
type OverrideName = typeof OVERRIDE_DPS | typeof OVERRIDE_HUB;

function pointerOf({ sphere: { sdk } }: Credentials, type: string, handle: number): number {
  return moduleOf(sdk).handles.pointer(type, handle, 'a test');
}

const provPointer = (world: Credentials, prov: number) => pointerOf(world, 'PROV_DEVICE_LL_HANDLE', prov);
const hubPointer = (world: Credentials, hub: number) => pointerOf(world, 'IOTHUB_DEVICE_CLIENT_LL_HANDLE', hub);

/** As a C app: texts in C's memory, overwritten and freed as soon as the function has returned. */
function callC({ sphere: { sdk } }: Credentials, name: OverrideName, handle: number, texts: Argument[]): number {
  const { functions, memory, gate } = moduleOf(sdk);
  const encoded = texts.map((text) => (text === null ? undefined : Buffer.from(`${text}\0`)));
  const pointers = encoded.map((bytes) => (bytes === undefined ? 0 : memory.allocate(bytes)));
  const result = gate.enter(() => functions[name](handle, ...pointers));
  pointers.forEach((pointer, index) => {
    if (pointer === 0) return;
    memory.bytes.fill(0x58, pointer, pointer + (encoded[index]?.length ?? 0));
    memory.free(pointer);
  });
  return result;
}

const CALLERS: Caller[] = [
  {
    name: 'TypeScript',
    typeScript: true,
    dps: ({ sphere: { sdk } }, prov, chain, key) =>
      outcome(() => sdk.AzureIoT_OverrideAzureSphereAuthDPS(prov, chain, key), PROV_DEVICE_RESULT),
    hub: ({ sphere: { sdk } }, hub, chain, key) =>
      outcome(() => sdk.AzureIoT_OverrideAzureSphereAuthIoTHub(hub, chain, key), IOTHUB_CLIENT_RESULT),
  },
  {
    name: 'C, which frees its texts',
    typeScript: false,
    dps: (world, prov, ...texts) =>
      outcome(() => callC(world, OVERRIDE_DPS, provPointer(world, prov), texts), PROV_DEVICE_RESULT),
    hub: (world, hub, ...texts) =>
      outcome(() => callC(world, OVERRIDE_HUB, hubPointer(world, hub), texts), IOTHUB_CLIENT_RESULT),
  },
];

/** A refusal by the C function: result, code, and what the diagnostic says. */
type Refusal = readonly [result: string, code: string, words: RegExp];
type Expected = 'taken' | Refusal;

/** A handle in a state. */
interface Prepared<Handle> {
  readonly handle: Handle;
  /** What it uses. */
  readonly had: Credential;
  /** Brings it to the service: resolves once that has taken `credential`, and no other. */
  works(credential: Credential): Promise<void>;
}

interface State<Handle> {
  readonly name: string;
  /** For a chain with the device's id, and for one with another. */
  readonly same: Expected;
  readonly other: Expected;
  prepare(world: Credentials): Promise<Prepared<Handle>>;
}

/** Calls, and looks at all that a refused call may leave: one diagnostic, and nothing else. */
function expectRefused<Handle extends number>(
  world: Credentials,
  { typeScript }: Caller,
  handle: Handle,
  call: () => string,
  [result, code, words]: Refusal,
): void {
  const { sphere } = world;
  const before = { chains: customChains(sphere), diagnostics: sphere.sdk.diagnostics.length };
  expect(call()).toBe(result);
  const added = sphere.sdk.diagnostics.slice(before.diagnostics);
  expect(added).toEqual([
    { at: sphere.clock.now(), handle: typeScript ? handle : 0, code, message: expect.stringMatching(words) },
  ]);
  expect(customChains(sphere)).toBe(before.chains);
}

/** Everything that the state refuses, one after the other; then the handle works with what it had. */
async function tryRefused<Handle extends number>(
  world: Credentials,
  state: State<Handle>,
  caller: Caller,
  call: (handle: Handle, chain: Argument, key: Argument) => string,
  invalid: string,
): Promise<Handle> {
  const { handle, had, works } = await state.prepare(world);
  for (const [, code, words, argumentsOf] of REFUSED) {
    const thrown = caller.typeScript && code !== 'OVERRIDE_ARGUMENT_MISSING';
    const refusal = [thrown ? code : invalid, code, words] as const;
    expectRefused(world, caller, handle, () => call(handle, ...argumentsOf(world)), refusal);
  }
  for (const [expected, { chain, privateKey }] of [
    [state.same, world.second],
    [state.other, world.other],
  ] as const)
    if (expected !== 'taken') expectRefused(world, caller, handle, () => call(handle, chain, privateKey), expected);
  await works(had);
  return handle;
}

const DPS_LATE: Refusal = [
  'PROV_DEVICE_RESULT_INVALID_STATE',
  'OVERRIDE_TOO_LATE',
  /has begun to register.*before Prov_/,
];
const DPS_NAME: Refusal = [
  'PROV_DEVICE_RESULT_INVALID_STATE',
  'OVERRIDE_COMMON_NAME_MISMATCH',
  /^The certificate's common name is \S+, but the handle's registration id is \S+, .* or a new handle\.$/,
];
const DPS_OPTION: Refusal = ['PROV_DEVICE_RESULT_INVALID_STATE', 'OVERRIDE_WITHOUT_EFFECT', /x509certificate/];

function provState(
  name: string,
  same: Expected,
  other: Expected,
  bring: (world: Credentials, prov: PROV_DEVICE_LL_HANDLE) => Promise<unknown> | unknown = () => undefined,
  create: (world: Credentials) => PROV_DEVICE_LL_HANDLE = ({ sphere }) => createProv(sphere),
): State<PROV_DEVICE_LL_HANDLE> {
  const prepare = async (world: Credentials): Promise<Prepared<PROV_DEVICE_LL_HANDLE>> => {
    const { sphere, daa } = world;
    const { cloud, clock, pump } = sphere;
    const handle = create(world);
    const brought = await bring(world, handle);
    const registered = brought instanceof Registering ? brought.result : undefined;
    return {
      handle,
      had: name.includes('override') || name.includes('x509certificate') ? world.first.credential : daa,
      works: async (credential) => {
        if (registered === undefined) expect((await register(sphere, handle)).result).toBe(0);
        else {
          pump.add(handle);
          expect(await clock.runUntil(registered)).toBe(0);
        }
        const thumbprint = credential.leaf.fingerprint.replaceAll(':', '');
        expect(cloud.dps.registration(credential.commonName)).toMatchObject({ status: 'assigned', thumbprint });
      },
    };
  };
  return { name, same, other, prepare };
}

/** A registration that was begun. */
class Registering {
  constructor(readonly result: Promise<number>) {}
}

function begin({ sphere: { sdk } }: Credentials, prov: PROV_DEVICE_LL_HANDLE): Registering {
  return new Registering(
    new Promise((resolve) => expect(sdk.Prov_Device_LL_Register_Device(prov, resolve, null)).toBe(0)),
  );
}

const DPS_STATES = [
  provState('after Create', 'taken', 'taken'),
  provState('after SetDeviceId', 'taken', 'taken', ({ sphere: { sdk } }, prov) =>
    expect(sdk.Prov_Device_LL_SetOption(prov, 'SetDeviceId', 1)).toBe(0),
  ),
  provState('after the proxy option', 'taken', 'taken', ({ sphere: { sdk } }, prov) =>
    expect(sdk.Prov_Device_LL_SetOption(prov, 'proxy_data', PROXY)).toBe(0),
  ),
  provState(
    'after the proxy option, over WebSocket',
    'taken',
    'taken',
    ({ sphere: { sdk } }, prov) => expect(sdk.Prov_Device_LL_SetOption(prov, 'proxy_data', PROXY)).toBe(0),
    ({ sphere: { sdk, cloud } }) => {
      expect(sdk.prov_dev_security_init(SECURE_DEVICE_TYPE.SECURE_DEVICE_TYPE_X509)).toBe(0);
      return made(sdk.Prov_Device_LL_Create(DPS, cloud.dps.idScope, sdk.Prov_Device_MQTT_WS_Protocol));
    },
  ),
  provState('after the option registration_id', 'taken', DPS_NAME, ({ sphere: { sdk, deviceId } }, prov) =>
    expect(sdk.Prov_Device_LL_SetOption(prov, 'registration_id', deviceId)).toBe(0),
  ),
  provState('after the options x509certificate and x509privatekey', DPS_OPTION, DPS_OPTION, (world, prov) => {
    const { sdk } = world.sphere;
    expect(sdk.Prov_Device_LL_SetOption(prov, 'x509certificate', world.first.chain)).toBe(0);
    expect(sdk.Prov_Device_LL_SetOption(prov, 'x509privatekey', world.first.privateKey)).toBe(0);
  }),
  provState('after an override', 'taken', DPS_NAME, ({ sphere: { sdk }, first }, prov) =>
    expect(sdk.AzureIoT_OverrideAzureSphereAuthDPS(prov, first.chain, first.privateKey)).toBe(0),
  ),
  provState('after Register_Device', DPS_LATE, DPS_LATE, begin),
  provState('after an override and Register_Device', DPS_LATE, DPS_LATE, (world, prov) => {
    const { chain, privateKey } = world.first;
    expect(world.sphere.sdk.AzureIoT_OverrideAzureSphereAuthDPS(prov, chain, privateKey)).toBe(0);
    return begin(world, prov);
  }),
  provState('after the first DoWork', DPS_LATE, DPS_LATE, (world, prov) => {
    const registering = begin(world, prov);
    world.sphere.sdk.Prov_Device_LL_DoWork(prov);
    expect(world.sphere.sdk.inUse.sockets).toBe(1);
    return registering;
  }),
  // A handle of the SDK registers once: there is no second registration to see.
  provState('once registered', DPS_LATE, DPS_LATE, async ({ sphere }, prov) => {
    const { result } = await register(sphere, prov);
    return new Registering(Promise.resolve(result));
  }),
];

const HUB_LATE: Refusal = ['IOTHUB_CLIENT_ERROR', 'OVERRIDE_TOO_LATE', /has begun to connect.*before the first DoWork/];
const HUB_NAME: Refusal = [
  'IOTHUB_CLIENT_INVALID_ARG',
  'OVERRIDE_COMMON_NAME_MISMATCH',
  /^The certificate's common name is another, but the handle was created for device [0-9a-f]{128}: /,
];

function hubState(
  name: string,
  same: Expected,
  bring: (world: Credentials, hub: IOTHUB_DEVICE_CLIENT_LL_HANDLE) => Promise<unknown> | unknown = () => undefined,
  create: (world: Credentials) => IOTHUB_DEVICE_CLIENT_LL_HANDLE = ({ sphere }) => createHub(sphere),
): State<IOTHUB_DEVICE_CLIENT_LL_HANDLE> {
  const prepare = async (world: Credentials): Promise<Prepared<IOTHUB_DEVICE_CLIENT_LL_HANDLE>> => {
    const { sphere, daa } = world;
    const { cloud, clock, deviceId, pump } = sphere;
    const handle = create(world);
    await bring(world, handle);
    return {
      handle,
      had: name.includes('override') ? world.first.credential : daa,
      works: async (credential) => {
        // Whoever shows another certificate is refused from now on.
        addToHub(sphere, credential);
        const device = cloud.hub().device(deviceId);
        if (device.isConnected) {
          device.disconnect();
          await clock.runUntil(device.disconnected());
        }
        pump.add(handle);
        await clock.runUntil(device.connected());
        expect(await send(sphere, handle, textMessage(sphere, '1'))).toBe(0);
      },
    };
  };
  return { name, same, other: HUB_NAME, prepare };
}

const HUB_STATES = [
  hubState('after Create', 'taken'),
  hubState('after SetDeviceId', 'taken', ({ sphere: { sdk } }, hub) =>
    expect(sdk.IoTHubDeviceClient_LL_SetOption(hub, 'SetDeviceId', 1)).toBe(0),
  ),
  hubState('after the proxy option', 'taken', ({ sphere: { sdk } }, hub) =>
    expect(sdk.IoTHubDeviceClient_LL_SetOption(hub, 'proxy_data', PROXY)).toBe(0),
  ),
  hubState(
    'after the proxy option, over WebSocket',
    'taken',
    ({ sphere: { sdk } }, hub) => expect(sdk.IoTHubDeviceClient_LL_SetOption(hub, 'proxy_data', PROXY)).toBe(0),
    ({ sphere: { sdk, deviceId } }) => {
      expect(sdk.iothub_security_init(IOTHUB_SECURITY_TYPE.IOTHUB_SECURITY_TYPE_X509)).toBe(0);
      return made(sdk.IoTHubDeviceClient_LL_CreateFromDeviceAuth(HUB, deviceId, sdk.MQTT_WebSocket_Protocol));
    },
  ),
  // The SDK has no use for them on such a handle, and says so.
  hubState('after the options x509certificate and x509privatekey', 'taken', ({ sphere: { sdk }, first }, hub) => {
    expect(sdk.IoTHubDeviceClient_LL_SetOption(hub, 'x509certificate', first.chain)).not.toBe(0);
    expect(sdk.IoTHubDeviceClient_LL_SetOption(hub, 'x509privatekey', first.privateKey)).not.toBe(0);
  }),
  hubState('after an override', 'taken', ({ sphere: { sdk }, first }, hub) =>
    expect(sdk.AzureIoT_OverrideAzureSphereAuthIoTHub(hub, first.chain, first.privateKey)).toBe(0),
  ),
  hubState('after the first DoWork', HUB_LATE, ({ sphere: { sdk } }, hub) => {
    sdk.IoTHubDeviceClient_LL_DoWork(hub);
    expect(sdk.inUse.sockets).toBe(1);
  }),
  hubState('after an override and the first DoWork', HUB_LATE, ({ sphere: { sdk }, first }, hub) => {
    expect(sdk.AzureIoT_OverrideAzureSphereAuthIoTHub(hub, first.chain, first.privateKey)).toBe(0);
    sdk.IoTHubDeviceClient_LL_DoWork(hub);
  }),
  hubState('after the hub refused it', HUB_LATE, ({ sphere }, hub) =>
    expect(connect(sphere, hub)).rejects.toThrow('IOTHUB_CLIENT_CONNECTION_BAD_CREDENTIAL'),
  ),
  hubState('once connected', HUB_LATE, ({ sphere, daa }, hub) => {
    addToHub(sphere, daa);
    return connect(sphere, hub);
  }),
];

describe.each(CALLERS)('called from $name', (caller) => {
  describe.each(DPS_STATES)('DPS, $name', (state) => {
    const call = (world: Credentials) => (handle: PROV_DEVICE_LL_HANDLE, chain: Argument, key: Argument) =>
      caller.dps(world, handle, chain, key);

    test('what is refused changes nothing', async () => {
      const world = await startCredentials();
      const prov = await tryRefused(world, state, caller, call(world), 'PROV_DEVICE_RESULT_INVALID_ARG');
      world.sphere.sdk.Prov_Device_LL_Destroy(prov);
      expect(customChains(world.sphere)).toBe(0);
    });

    for (const which of ['same', 'other'] as const)
      if (state[which] === 'taken')
        test(`a chain with ${which === 'same' ? "the device's" : 'another'} name is taken`, async () => {
          const world = await startCredentials();
          const { handle, works } = await state.prepare(world);
          const { chain, privateKey, credential } = which === 'same' ? world.second : world.other;
          expect(call(world)(handle, chain, privateKey)).toBe('PROV_DEVICE_RESULT_OK');
          expect(customChains(world.sphere)).toBe(1);
          await works(credential);
          world.sphere.sdk.Prov_Device_LL_Destroy(handle);
          expect(world.sphere.sdk.diagnostics).toEqual([]);
        });
  });

  describe.each(HUB_STATES)('the hub, $name', (state) => {
    const call = (world: Credentials) => (handle: IOTHUB_DEVICE_CLIENT_LL_HANDLE, chain: Argument, key: Argument) =>
      caller.hub(world, handle, chain, key);

    test('what is refused changes nothing', async () => {
      const world = await startCredentials();
      const hub = await tryRefused(world, state, caller, call(world), 'IOTHUB_CLIENT_INVALID_ARG');
      world.sphere.sdk.IoTHubDeviceClient_LL_Destroy(hub);
      expect(customChains(world.sphere)).toBe(0);
    });

    if (state.same === 'taken')
      test('a chain with the device’s name is taken', async () => {
        const world = await startCredentials();
        const { handle, works } = await state.prepare(world);
        const { chain, privateKey, credential } = world.second;
        expect(call(world)(handle, chain, privateKey)).toBe('IOTHUB_CLIENT_OK');
        expect(customChains(world.sphere)).toBe(1);
        await works(credential);
        world.sphere.sdk.IoTHubDeviceClient_LL_Destroy(handle);
        expect(world.sphere.sdk.diagnostics).toEqual([]);
      });
  });
});

// From TypeScript such handles do not reach C: overrides.test.ts.
test('C: NULL, a handle of the other kind, and a destroyed one', async () => {
  const world = await startCredentials();
  const { sphere, second } = world;
  const { sdk } = sphere;
  const [prov, hub] = [createProv(sphere), createHub(sphere)];
  const [provAt, hubAt] = [provPointer(world, prov), hubPointer(world, hub)];
  const expectUnknown = (name: OverrideName, pointer: number): void => {
    expect(callC(world, name, pointer, [second.chain, second.privateKey])).toBe(1);
    const { code, message } = sdk.diagnostics.at(-1)!;
    expect(code).toBe('OVERRIDE_HANDLE_INVALID');
    expect(message).toContain(name === OVERRIDE_DPS ? 'Prov_Device_LL_Create' : 'CreateFromDeviceAuth');
    expect(customChains(sphere)).toBe(0);
  };
  expect([PROV_DEVICE_RESULT[1], IOTHUB_CLIENT_RESULT[1]]).toEqual([
    'PROV_DEVICE_RESULT_INVALID_ARG',
    'IOTHUB_CLIENT_INVALID_ARG',
  ]);
  for (const pointer of [0, hubAt]) expectUnknown(OVERRIDE_DPS, pointer);
  for (const pointer of [0, provAt]) expectUnknown(OVERRIDE_HUB, pointer);
  sdk.Prov_Device_LL_Destroy(prov);
  sdk.IoTHubDeviceClient_LL_Destroy(hub);
  expectUnknown(OVERRIDE_DPS, provAt);
  expectUnknown(OVERRIDE_HUB, hubAt);
  expect(sdk.diagnostics).toHaveLength(6);
});
