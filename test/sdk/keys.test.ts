// No private key is in wasm memory, in no form, at no time that a test can look at.
import type { Credential } from '../../src/certificates/index.js';
import { moduleOf } from '../../src/sdk/create-sdk.js';
import {
  connect,
  connectedHub,
  createProv,
  currentDaa,
  enroll,
  issuePem,
  keyPem,
  made,
  register,
  rootAuthority,
  send,
  startSphere,
  textMessage,
  type Sphere,
} from '../support/sphere.js';

/** A key in every form that someone could keep it in. */
function formsOf({ privateKey }: Credential): Record<string, Buffer> {
  const { d } = privateKey.export({ format: 'jwk' });
  const scalar = Buffer.from(d as string, 'base64url');
  const lines = (pem: string): string[] => pem.split('\n').filter((line) => !line.startsWith('-') && line !== '');
  const sec1 = privateKey.export({ type: 'sec1', format: 'pem' }).toString();
  const pkcs8 = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  return {
    scalar,
    'scalar, reversed': Buffer.from(scalar).reverse(),
    'PKCS#8 DER': privateKey.export({ type: 'pkcs8', format: 'der' }),
    'SEC1 DER': privateKey.export({ type: 'sec1', format: 'der' }),
    // One line each: line ends may be others.
    'PKCS#8 PEM': Buffer.from(lines(pkcs8)[1] as string),
    'SEC1 PEM': Buffer.from(lines(sec1)[0] as string),
    base64: Buffer.from(scalar.toString('base64').slice(0, 40)),
    hex: Buffer.from(scalar.toString('hex')),
  };
}

/** The forms of a key that are in wasm memory now. */
function found({ sdk }: Sphere, credential: Credential): string[] {
  const { bytes } = moduleOf(sdk).memory;
  const memory = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  return Object.entries(formsOf(credential))
    .filter(([, form]) => memory.includes(form))
    .map(([name]) => name);
}

test('after a whole session with DAA and with both overrides', async () => {
  const sphere = await startSphere({ pump: true });
  const { sdk, clock, cloud, daa, deviceId } = sphere;
  const authority = await rootAuthority(clock);
  await enroll(cloud, 'contoso', authority);
  const custom = await issuePem(authority, deviceId);
  const first = currentDaa(sphere);
  const look = (): string[] => [first, currentDaa(sphere), custom.credential].flatMap((key) => found(sphere, key));

  const prov = createProv(sphere);
  const { uri } = await register(sphere, prov);
  sdk.Prov_Device_LL_Destroy(prov);
  const hub = made(sdk.IoTHubDeviceClient_LL_CreateFromDeviceAuth(uri, deviceId, sdk.MQTT_Protocol));
  await connect(sphere, hub);
  await send(sphere, hub, textMessage(sphere, 'by DAA'));
  await daa.renew();
  cloud.hub().device(deviceId).disconnect();
  await clock.advance(60_000);
  await send(sphere, hub, textMessage(sphere, 'again'));
  expect(look()).toEqual([]);
  sdk.IoTHubDeviceClient_LL_Destroy(hub);

  const again = createProv(sphere);
  expect(sdk.AzureIoT_OverrideAzureSphereAuthDPS(again, custom.chain, custom.privateKey)).toBe(0);
  expect(look()).toEqual([]);
  await register(sphere, again);
  sdk.Prov_Device_LL_Destroy(again);
  const overridden = made(sdk.IoTHubDeviceClient_LL_CreateFromDeviceAuth(uri, deviceId, sdk.MQTT_Protocol));
  expect(sdk.AzureIoT_OverrideAzureSphereAuthIoTHub(overridden, custom.chain, custom.privateKey)).toBe(0);
  await connect(sphere, overridden);
  await send(sphere, overridden, textMessage(sphere, 'custom'));
  expect(look()).toEqual([]);
  sdk.IoTHubDeviceClient_LL_Destroy(overridden);
  expect(look()).toEqual([]);
});

test('the search finds a key that is there, in each form', async () => {
  const sphere = await startSphere();
  const { sdk } = sphere;
  const credential = currentDaa(sphere);
  for (const [name, form] of Object.entries(formsOf(credential))) {
    const message = made(sdk.IoTHubMessage_CreateFromByteArray(form));
    expect(found(sphere, credential)).toContain(name);
    sdk.IoTHubMessage_Destroy(message);
  }
});

test('a text that was passed to C is wiped after the call', async () => {
  const sphere = await startSphere({ pump: true });
  const { sdk, deviceId } = sphere;
  const custom = await issuePem(await rootAuthority(sphere.clock), deviceId);
  const hub = await connectedHub(sphere);
  sdk.IoTHubDeviceClient_LL_Destroy(hub);
  // A long text, which goes to the heap, and a short one, which goes to the stack.
  const long = `${keyPem(custom.credential)}${'\n'.repeat(2000)}`;
  const message = textMessage(sphere, 'x');
  for (const text of [long, keyPem(custom.credential)])
    expect(() => sdk.IoTHubMessage_SetMessageId(null as never, text)).not.toThrow();
  expect(found(sphere, custom.credential)).toEqual([]);
  sdk.IoTHubMessage_Destroy(message);
});
