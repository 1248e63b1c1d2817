// What the binding refuses before C sees it, and what it passes on.
import {
  IOTHUB_CLIENT_RESULT,
  IOTHUB_CLIENT_RETRY_POLICY,
  IOTHUB_MESSAGE_RESULT,
  IOTHUBMESSAGE_CONTENT_TYPE,
  MAP_RESULT,
  SECURE_DEVICE_TYPE,
  createSdk,
  type IOTHUB_MESSAGE_HANDLE,
  type Sdk,
} from '../../src/sdk/index.js';
import { codeOf, createHub, createProv, DPS, HUB, made, startSphere, textMessage } from '../support/sphere.js';

/** Any function of the SDK, without its types. */
type Untyped = Record<string, (...args: unknown[]) => unknown>;
const untyped = (sdk: Sdk): Untyped => sdk as unknown as Untyped;

describe('refused arguments', () => {
  test.each<[string, unknown[]]>([
    ['IoTHubMessage_CreateFromString', []],
    ['IoTHubMessage_CreateFromString', ['a', 'b']],
    ['IoTHubMessage_CreateFromString', [1]],
    ['IoTHubMessage_CreateFromString', [undefined]],
    ['IoTHubMessage_CreateFromByteArray', [[1, 2]]],
    ['IoTHubMessage_CreateFromByteArray', [new ArrayBuffer(1)]],
    ['prov_dev_security_init', ['X509']],
    ['prov_dev_security_init', [1.5]],
    ['prov_dev_security_init', [99]],
    ['prov_dev_security_init', [-1]],
    ['prov_dev_security_init', [null]],
    ['prov_dev_security_init', [NaN]],
    ['prov_dev_security_init', ['2']],
    ['IoTHub_Init', [1]],
    ['Prov_Device_LL_Create', [DPS, 'scope', 1]],
    ['Prov_Device_LL_Create', [DPS, 'scope', null]],
  ])('%s(%j) → ARGUMENT_INVALID', async (name, args) => {
    const { sdk } = await startSphere();
    expect(await codeOf(() => untyped(sdk)[name]?.(...args))).toBe('ARGUMENT_INVALID');
  });

  test('the message names function, parameter and value, and the argument is not shown where it is a text', async () => {
    const { sdk } = await startSphere();
    expect(() => untyped(sdk).prov_dev_security_init?.(99)).toThrow(
      'prov_dev_security_init: hsm_type has to be a SECURE_DEVICE_TYPE, not 99.',
    );
    expect(() => untyped(sdk).prov_dev_security_init?.('secret')).toThrow(/not a string/);
  });

  test('numbers out of their range', async () => {
    const sphere = await startSphere();
    const { sdk } = sphere;
    const hub = createHub(sphere);
    const policy = IOTHUB_CLIENT_RETRY_POLICY.IOTHUB_CLIENT_RETRY_INTERVAL;
    for (const limit of [-1, 2 ** 32, 0.5, NaN, '1', null])
      expect(await codeOf(() => untyped(sdk).IoTHubDeviceClient_LL_SetRetryPolicy?.(hub, policy, limit))).toBe(
        'ARGUMENT_INVALID',
      );
    expect(sdk.IoTHubDeviceClient_LL_SetRetryPolicy(hub, policy, 2 ** 32 - 1)).toBe(0);
    sdk.IoTHubDeviceClient_LL_Destroy(hub);
  });

  test('a text with a NUL', async () => {
    const sphere = await startSphere();
    const { sdk } = sphere;
    const message = textMessage(sphere, '1');
    expect(await codeOf(() => sdk.IoTHubMessage_SetMessageId(message, 'a\0b'))).toBe('TEXT_HAS_NUL');
    expect(await codeOf(() => sdk.IoTHubMessage_CreateFromString('\0'))).toBe('TEXT_HAS_NUL');
    expect(sdk.IoTHubMessage_GetMessageId(message)).toBeNull();
    sdk.IoTHubMessage_Destroy(message);
  });

  test('an unknown option, one of the other handle type, and one that every object has', async () => {
    const sphere = await startSphere();
    const { sdk } = sphere;
    const hub = createHub(sphere);
    const setOption = untyped(sdk).IoTHubDeviceClient_LL_SetOption as (...args: unknown[]) => unknown;
    for (const name of ['nonsense', 'registration_id', '', null, 'toString', 'constructor', '__proto__'])
      expect([name, await codeOf(() => setOption(hub, name, 1))]).toEqual([name, 'OPTION_UNKNOWN']);
    expect(() => setOption(hub, 'nonsense', 1)).toThrow(/nonsense.*keepalive/);
    sdk.IoTHubDeviceClient_LL_Destroy(hub);
  });

  test('an option with a value of the wrong type', async () => {
    const sphere = await startSphere();
    const { sdk } = sphere;
    const hub = createHub(sphere);
    const prov = createProv(sphere);
    const wrong: [string, unknown][] = [
      ['keepalive', '60'],
      ['keepalive', 1.5],
      ['keepalive', 2 ** 31],
      ['logtrace', 1],
      ['messageTimeout', -1],
      ['messageTimeout', 2 ** 53],
      ['retry_interval_sec', -1],
      ['retry_interval_sec', 2 ** 32],
      ['product_info', 1],
      ['SetDeviceId', true],
      ['proxy_data', null],
      ['proxy_data', { host_address: 'p' }],
      ['proxy_data', { host_address: 1, port: 1 }],
    ];
    for (const [name, value] of wrong)
      expect([
        name,
        value,
        await codeOf(() => untyped(sdk).IoTHubDeviceClient_LL_SetOption?.(hub, name, value)),
      ]).toEqual([name, value, 'ARGUMENT_INVALID']);
    for (const value of [256, -1, '1'])
      expect(await codeOf(() => untyped(sdk).Prov_Device_LL_SetOption?.(prov, 'provisioning_timeout', value))).toBe(
        'ARGUMENT_INVALID',
      );
    sdk.IoTHubDeviceClient_LL_Destroy(hub);
    sdk.Prov_Device_LL_Destroy(prov);
  });

  test('options that C takes', async () => {
    const sphere = await startSphere();
    const { sdk } = sphere;
    const hub = createHub(sphere);
    expect(sdk.IoTHubDeviceClient_LL_SetOption(hub, 'keepalive', 120)).toBe(0);
    expect(sdk.IoTHubDeviceClient_LL_SetOption(hub, 'logtrace', false)).toBe(0);
    expect(sdk.IoTHubDeviceClient_LL_SetOption(hub, 'messageTimeout', 60_000)).toBe(0);
    expect(sdk.IoTHubDeviceClient_LL_SetOption(hub, 'product_info', 'kettle/1.0')).toBe(0);
    expect(sdk.IoTHubDeviceClient_LL_SetOption(hub, 'model_id', 'dtmi:contoso:kettle;1')).toBe(0);
    expect(sdk.IoTHubDeviceClient_LL_SetOption(hub, 'retry_interval_sec', 2 ** 32 - 1)).toBe(0);
    expect(sdk.IoTHubDeviceClient_LL_SetOption(hub, 'TrustedCerts', sphere.cloud.trustRoots)).toBe(0);
    sdk.IoTHubDeviceClient_LL_Destroy(hub);
  });

  test('a refused callback argument is not kept', async () => {
    const sphere = await startSphere();
    const { sdk } = sphere;
    const hub = createHub(sphere);
    const setTwin = untyped(sdk).IoTHubDeviceClient_LL_SetDeviceTwinCallback as (...args: unknown[]) => unknown;
    for (const callback of [1, 'x', {}, undefined])
      expect(await codeOf(() => setTwin(hub, callback))).toBe('ARGUMENT_INVALID');
    const register = untyped(sdk).Prov_Device_LL_Register_Device as (...args: unknown[]) => unknown;
    const prov = createProv(sphere);
    expect(await codeOf(() => register(prov, () => undefined, 'no function'))).toBe('ARGUMENT_INVALID');
    expect(sdk.inUse.callbacks).toBe(0);
    sdk.Prov_Device_LL_Destroy(prov);
    sdk.IoTHubDeviceClient_LL_Destroy(hub);
  });

  test('a callback for a NULL handle is refused by C, and not kept', async () => {
    const { sdk } = await startSphere();
    const none = null as never;
    expect(sdk.IoTHubDeviceClient_LL_SetDeviceTwinCallback(none, () => undefined)).toBe(
      IOTHUB_CLIENT_RESULT.IOTHUB_CLIENT_INVALID_ARG,
    );
    expect(sdk.inUse.callbacks).toBe(0);
  });
});

describe('handles', () => {
  test('of the wrong type, of nobody, and destroyed ones', async () => {
    const sphere = await startSphere();
    const { sdk } = sphere;
    const hub = createHub(sphere);
    const message = textMessage(sphere, '1');
    const call = (handle: unknown) => () => sdk.IoTHubMessage_GetString(handle as IOTHUB_MESSAGE_HANDLE);
    expect(call(hub)).toThrow(/IoTHubMessage_GetString takes a IOTHUB_MESSAGE_HANDLE.*IOTHUB_DEVICE_CLIENT_LL_HANDLE/);
    expect(await codeOf(call(hub))).toBe('HANDLE_INVALID');
    for (const handle of [12_345, -1, 0.5, NaN, 'message', {}, true])
      expect(await codeOf(call(handle))).toBe('HANDLE_INVALID');
    sdk.IoTHubMessage_Destroy(message);
    expect(await codeOf(call(message))).toBe('HANDLE_DESTROYED');
    expect(await codeOf(() => sdk.IoTHubMessage_Destroy(message))).toBe('HANDLE_DESTROYED');
    sdk.IoTHubDeviceClient_LL_Destroy(hub);
    expect(await codeOf(() => sdk.IoTHubDeviceClient_LL_DoWork(hub))).toBe('HANDLE_DESTROYED');
    expect(await codeOf(() => sdk.IoTHubDeviceClient_LL_Destroy(hub))).toBe('HANDLE_DESTROYED');
  });

  test('a handle that was destroyed is told from a new one in its place', async () => {
    const sphere = await startSphere();
    const first = textMessage(sphere, 'first');
    sphere.sdk.IoTHubMessage_Destroy(first);
    const second = textMessage(sphere, 'first');
    expect(await codeOf(() => sphere.sdk.IoTHubMessage_GetString(first))).toBe('HANDLE_DESTROYED');
    expect(sphere.sdk.IoTHubMessage_GetString(second)).toBe('first');
    sphere.sdk.IoTHubMessage_Destroy(second);
  });

  test('NULL is C’s to refuse', async () => {
    const { sdk } = await startSphere();
    const none = null as never;
    expect(sdk.IoTHubMessage_SetMessageId(none, 'x')).toBe(IOTHUB_MESSAGE_RESULT.IOTHUB_MESSAGE_INVALID_ARG);
    expect(sdk.IoTHubMessage_GetString(none)).toBeNull();
    expect(sdk.IoTHubMessage_GetByteArray(none)).toEqual({ result: 1, buffer: null });
    expect(() => {
      sdk.IoTHubMessage_Destroy(none);
      sdk.IoTHubDeviceClient_LL_DoWork(none);
      sdk.IoTHubDeviceClient_LL_Destroy(none);
      sdk.Prov_Device_LL_DoWork(none);
      sdk.Prov_Device_LL_Destroy(none);
    }).not.toThrow();
    expect(sdk.IoTHubMessage_CreateFromString(null)).toBeNull();
  });

  test.each(['Prov_Device_MQTT_Protocol', 'Prov_Device_MQTT_WS_Protocol'] as const)(
    'the provider %s of DPS is refused by the hub’s Create',
    async (provider) => {
      const { sdk, deviceId } = await startSphere();
      sdk.iothub_security_init(2);
      const create = untyped(sdk).IoTHubDeviceClient_LL_CreateFromDeviceAuth as (...args: unknown[]) => unknown;
      expect(await codeOf(() => create(HUB, deviceId, sdk[provider]))).toBe('ARGUMENT_INVALID');
    },
  );

  test.each(['MQTT_Protocol', 'MQTT_WebSocket_Protocol'] as const)(
    'the provider %s of the hub is refused by Prov_Device_LL_Create',
    async (provider) => {
      const { sdk } = await startSphere();
      sdk.prov_dev_security_init(SECURE_DEVICE_TYPE.SECURE_DEVICE_TYPE_X509);
      const create = untyped(sdk).Prov_Device_LL_Create as (...args: unknown[]) => unknown;
      expect(await codeOf(() => create(DPS, 'scope', sdk[provider]))).toBe('ARGUMENT_INVALID');
    },
  );
});

describe('out-parameters', () => {
  test('GetByteArray', async () => {
    const sphere = await startSphere();
    const { sdk } = sphere;
    const bytes = Uint8Array.of(0, 1, 255, 0);
    const message = made(sdk.IoTHubMessage_CreateFromByteArray(bytes));
    const got = sdk.IoTHubMessage_GetByteArray(message);
    expect(got).toEqual({ result: IOTHUB_MESSAGE_RESULT.IOTHUB_MESSAGE_OK, buffer: bytes });
    expect(sdk.IoTHubMessage_GetContentType(message)).toBe(IOTHUBMESSAGE_CONTENT_TYPE.IOTHUBMESSAGE_BYTEARRAY);
    expect(sdk.IoTHubMessage_GetString(message)).toBeNull();
    sdk.IoTHubMessage_Destroy(message);
    // A copy: it outlives the message.
    expect(got.buffer).toEqual(bytes);
    const text = textMessage(sphere, 'text');
    expect(sdk.IoTHubMessage_GetByteArray(text)).toEqual({
      result: IOTHUB_MESSAGE_RESULT.IOTHUB_MESSAGE_INVALID_ARG,
      buffer: null,
    });
    expect(sdk.IoTHubMessage_GetContentType(text)).toBe(IOTHUBMESSAGE_CONTENT_TYPE.IOTHUBMESSAGE_STRING);
    sdk.IoTHubMessage_Destroy(text);
  });

  test('GetRetryPolicy gives what SetRetryPolicy set', async () => {
    const sphere = await startSphere();
    const { sdk } = sphere;
    const hub = createHub(sphere);
    const policy = IOTHUB_CLIENT_RETRY_POLICY.IOTHUB_CLIENT_RETRY_LINEAR_BACKOFF;
    for (const limit of [0, 3600, 2 ** 32 - 1]) {
      expect(sdk.IoTHubDeviceClient_LL_SetRetryPolicy(hub, policy, limit)).toBe(0);
      expect(sdk.IoTHubDeviceClient_LL_GetRetryPolicy(hub)).toEqual({
        result: IOTHUB_CLIENT_RESULT.IOTHUB_CLIENT_OK,
        retryPolicy: policy,
        retryTimeoutLimitInSeconds: limit,
      });
    }
    sdk.IoTHubDeviceClient_LL_Destroy(hub);
  });

  test('GetLastMessageReceiveTime is indefinite before the first message', async () => {
    const sphere = await startSphere();
    const hub = createHub(sphere);
    expect(sphere.sdk.IoTHubDeviceClient_LL_GetLastMessageReceiveTime(hub).result).toBe(
      IOTHUB_CLIENT_RESULT.IOTHUB_CLIENT_INDEFINITE_TIME,
    );
    sphere.sdk.IoTHubDeviceClient_LL_Destroy(hub);
  });
});

describe('texts and bytes', () => {
  test.each([
    ['an empty text', ''],
    ['non-ASCII', 'Küche – 厨房 – 🫖'],
    ['1023 bytes', 'a'.repeat(1023)],
    ['1024 bytes', 'b'.repeat(1024)],
    ['64 KB', 'ß'.repeat(32_768)],
  ])('%s goes in and comes out as it was', async (_, text) => {
    const sphere = await startSphere();
    const { sdk } = sphere;
    const message = textMessage(sphere, text);
    expect(sdk.IoTHubMessage_GetString(message) === text).toBe(true);
    if (text !== '') {
      expect(sdk.IoTHubMessage_SetMessageId(message, text)).toBe(0);
      expect(sdk.IoTHubMessage_GetMessageId(message) === text).toBe(true);
    }
    sdk.IoTHubMessage_Destroy(message);
  });

  test('200 KB of bytes, and memory that grows on the way', async () => {
    const sphere = await startSphere();
    const { sdk } = sphere;
    const bytes = new Uint8Array(200_000).map((_, i) => (i * 7) & 0xff);
    const messages = Array.from({ length: 100 }, () => made(sdk.IoTHubMessage_CreateFromByteArray(bytes)));
    for (const message of messages) {
      const { buffer } = sdk.IoTHubMessage_GetByteArray(message);
      expect(Buffer.from(bytes).equals(buffer as Uint8Array)).toBe(true);
    }
    for (const message of messages) sdk.IoTHubMessage_Destroy(message);
  });

  test('what a call was given is freed: a million bytes a call, many calls, no growth', async () => {
    const sphere = await startSphere();
    const { sdk } = sphere;
    const { moduleOf } = await import('../../src/sdk/create-sdk.js');
    const bytes = new Uint8Array(1_000_000);
    const cycle = (): void => {
      const message = made(sdk.IoTHubMessage_CreateFromByteArray(bytes));
      sdk.IoTHubMessage_GetByteArray(message);
      sdk.IoTHubMessage_Destroy(message);
    };
    for (let i = 0; i < 5; i++) cycle();
    const { size } = moduleOf(sdk).memory;
    for (let i = 0; i < 200; i++) cycle();
    expect(moduleOf(sdk).memory.size).toBe(size);
  });

  test('bytes may be given as a text, or as a view of a part', async () => {
    const sphere = await startSphere();
    const { sdk } = sphere;
    const part = Buffer.from('xxpartxx').subarray(2, 6);
    for (const [given, expected] of [
      ['täxt', 'täxt'],
      [part, 'part'],
    ] as const) {
      const message = made(sdk.IoTHubMessage_CreateFromByteArray(given));
      expect(Buffer.from(sdk.IoTHubMessage_GetByteArray(message).buffer ?? []).toString()).toBe(expected);
      sdk.IoTHubMessage_Destroy(message);
    }
  });
});

describe('maps', () => {
  test('Map_* on IoTHubMessage_Properties', async () => {
    const sphere = await startSphere();
    const { sdk } = sphere;
    const message = textMessage(sphere, '1');
    const map = made(sdk.IoTHubMessage_Properties(message));
    expect(sdk.Map_Add(map, 'a', '1')).toBe(MAP_RESULT.MAP_OK);
    expect(sdk.Map_Add(map, 'a', '2')).toBe(MAP_RESULT.MAP_KEYEXISTS);
    expect(sdk.Map_AddOrUpdate(map, 'a', '3')).toBe(MAP_RESULT.MAP_OK);
    expect(sdk.Map_GetValueFromKey(map, 'a')).toBe('3');
    expect(sdk.IoTHubMessage_GetProperty(message, 'a')).toBe('3');
    expect(sdk.Map_ContainsKey(map, 'a')).toEqual({ result: MAP_RESULT.MAP_OK, keyExists: true });
    expect(sdk.Map_ContainsKey(map, 'b')).toEqual({ result: MAP_RESULT.MAP_OK, keyExists: false });
    expect(sdk.Map_ContainsValue(map, '3')).toEqual({ result: MAP_RESULT.MAP_OK, valueExists: true });
    expect(sdk.Map_ContainsValue(map, '1')).toEqual({ result: MAP_RESULT.MAP_OK, valueExists: false });
    // The SDK takes ASCII only. (It forgets that once the last entry was deleted.)
    expect(sdk.Map_Add(map, 'ä', '1')).toBe(MAP_RESULT.MAP_FILTER_REJECT);
    expect(sdk.Map_Delete(map, 'a')).toBe(MAP_RESULT.MAP_OK);
    expect(sdk.Map_Delete(map, 'a')).toBe(MAP_RESULT.MAP_KEYNOTFOUND);
    expect(sdk.Map_GetValueFromKey(map, 'a')).toBeNull();
    expect(sdk.IoTHubMessage_Properties(message)).toBe(map);
    sdk.IoTHubMessage_Destroy(message);
    expect(await codeOf(() => sdk.Map_Add(map, 'b', '1'))).toBe('HANDLE_DESTROYED');
  });

  test('a clone has a map of its own', async () => {
    const sphere = await startSphere();
    const { sdk } = sphere;
    const message = textMessage(sphere, '1');
    sdk.IoTHubMessage_SetProperty(message, 'a', '1');
    const clone = made(sdk.IoTHubMessage_Clone(message));
    sdk.IoTHubMessage_Destroy(message);
    const map = made(sdk.IoTHubMessage_Properties(clone));
    expect(sdk.Map_GetValueFromKey(map, 'a')).toBe('1');
    sdk.IoTHubMessage_Destroy(clone);
  });
});

test('two instances in one process share nothing', async () => {
  const sphere = await startSphere();
  const other = await createSdk({ clock: sphere.clock });
  try {
    sphere.sdk.prov_dev_security_init(SECURE_DEVICE_TYPE.SECURE_DEVICE_TYPE_X509);
    expect(other.prov_dev_security_get_type()).toBe(SECURE_DEVICE_TYPE.SECURE_DEVICE_TYPE_UNKNOWN);
    const message = textMessage(sphere, 'mine');
    expect(other.inUse.handles).toEqual([]);
    expect(await codeOf(() => other.IoTHubMessage_GetString(message))).toBe('HANDLE_INVALID');
    const theirs = textMessage({ sdk: other }, 'theirs');
    expect(sphere.sdk.IoTHubMessage_GetString(message)).toBe('mine');
    expect(other.IoTHubMessage_GetString(theirs)).toBe('theirs');
    sphere.sdk.IoTHubMessage_Destroy(message);
    other.IoTHubMessage_Destroy(theirs);
  } finally {
    other.close();
  }
});

test('the version is the one that is said everywhere', async () => {
  const { sdk } = await startSphere();
  expect(sdk.IoTHubClient_GetVersionString()).toBe('1.14.0');
  expect(sdk.Prov_Device_LL_GetVersionString()).toBe('1.14.0');
});
