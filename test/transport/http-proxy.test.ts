// Through an HTTP proxy (CONNECT): the SDK's option proxy_data on both clients, and where in the order of options it has to be.
import { once } from 'node:events';

import { SphereDevice } from '../../src/device/index.js';
import { VirtualClock } from '../../src/clock/index.js';
import { createDuplexPair } from '../../src/transport/duplex-pair.js';
import { openTunnel } from '../../src/transport/http-proxy.js';
import { IOTHUB_SECURITY_TYPE, PROV_DEVICE_RESULT, SECURE_DEVICE_TYPE } from '../../src/sdk/index.js';
import { Proxy, PROXY } from '../support/proxy.js';
import {
  addToHub,
  connect,
  createHub,
  createProv,
  currentDaa,
  DPS,
  HUB,
  made,
  register,
  startSphere,
  type Sphere,
} from '../support/sphere.js';

async function startBehindProxy(): Promise<{ sphere: Sphere; proxy: Proxy }> {
  const proxy = new Proxy();
  const sphere = await startSphere({ pump: true, sdk: proxy.options });
  proxy.clock = () => sphere.clock;
  return { sphere, proxy };
}

function createWsProv({ sdk, cloud }: Sphere) {
  sdk.prov_dev_security_init(SECURE_DEVICE_TYPE.SECURE_DEVICE_TYPE_X509);
  return made(sdk.Prov_Device_LL_Create(DPS, cloud.dps.idScope, sdk.Prov_Device_MQTT_WS_Protocol));
}

function createWsHub({ sdk, deviceId }: Sphere) {
  sdk.iothub_security_init(IOTHUB_SECURITY_TYPE.IOTHUB_SECURITY_TYPE_X509);
  return made(sdk.IoTHubDeviceClient_LL_CreateFromDeviceAuth(HUB, deviceId, sdk.MQTT_WebSocket_Protocol));
}

describe('the provisioning client', () => {
  test('registers through the proxy, with credentials', async () => {
    const { sphere, proxy } = await startBehindProxy();
    const prov = createWsProv(sphere);
    expect(
      sphere.sdk.Prov_Device_LL_SetOption(prov, 'proxy_data', { ...PROXY, username: 'ann', password: 'p:w' }),
    ).toBe(0);
    expect(sphere.sdk.Prov_Device_LL_SetOption(prov, 'SetDeviceId', 1)).toBe(0);
    expect((await register(sphere, prov)).result).toBe(PROV_DEVICE_RESULT.PROV_DEVICE_RESULT_OK);
    expect(proxy.requests).toEqual([
      `CONNECT ${DPS}:443 HTTP/1.1\r\nHost: ${DPS}:443\r\nProxy-Authorization: Basic ${btoa('ann:p:w')}\r\n\r\n`,
    ]);
    sphere.sdk.Prov_Device_LL_Destroy(prov);
  });

  // A quirk of the SDK: the option makes the connection's parts at once, and the proxy comes too late for them.
  test('after SetDeviceId the proxy is taken without a word, and not used', async () => {
    const { sphere, proxy } = await startBehindProxy();
    const prov = createWsProv(sphere);
    sphere.sdk.Prov_Device_LL_SetOption(prov, 'SetDeviceId', 1);
    expect(sphere.sdk.Prov_Device_LL_SetOption(prov, 'proxy_data', PROXY)).toBe(0);
    expect((await register(sphere, prov)).result).toBe(PROV_DEVICE_RESULT.PROV_DEVICE_RESULT_TRANSPORT);
    expect(proxy.requests).toEqual([]);
    expect(sphere.sdk.diagnostics.at(-1)?.code).toBe('ENDPOINT_NOT_MAPPED');
    sphere.sdk.Prov_Device_LL_Destroy(prov);
  });
});

describe('the hub client', () => {
  test('connects through the proxy, without credentials', async () => {
    const { sphere, proxy } = await startBehindProxy();
    addToHub(sphere, currentDaa(sphere));
    const hub = createWsHub(sphere);
    expect(sphere.sdk.IoTHubDeviceClient_LL_SetOption(hub, 'proxy_data', PROXY)).toBe(0);
    expect(sphere.sdk.IoTHubDeviceClient_LL_SetOption(hub, 'SetDeviceId', 1)).toBe(0);
    await connect(sphere, hub);
    expect(proxy.requests).toEqual([`CONNECT ${HUB}:443 HTTP/1.1\r\nHost: ${HUB}:443\r\n\r\n`]);
    sphere.sdk.IoTHubDeviceClient_LL_Destroy(hub);
  });

  test('refuses the proxy after an option that makes the connection’s parts', async () => {
    const { sphere } = await startBehindProxy();
    const hub = createWsHub(sphere);
    sphere.sdk.IoTHubDeviceClient_LL_SetOption(hub, 'SetDeviceId', 1);
    expect(sphere.sdk.IoTHubDeviceClient_LL_SetOption(hub, 'proxy_data', PROXY)).not.toBe(0);
    sphere.sdk.IoTHubDeviceClient_LL_Destroy(hub);
  });

  test.each([
    ['other credentials are wanted', 'HTTP/1.1 407 Proxy Authentication Required\r\n\r\n', 'PROXY_UNAUTHORIZED'],
    ['the host is forbidden', 'HTTP/1.1 403 Forbidden\r\n\r\n', 'PROXY_REFUSED'],
    ['it is no HTTP proxy', 'SSH-2.0-OpenSSH\r\n\r\n', 'PROXY_REFUSED'],
    ['it closes', '', 'PROXY_REFUSED'],
  ])('says why the proxy does not connect: %s', async (_why, answer, code) => {
    const { sphere, proxy } = await startBehindProxy();
    proxy.answer = answer;
    addToHub(sphere, currentDaa(sphere));
    const hub = createWsHub(sphere);
    sphere.sdk.IoTHubDeviceClient_LL_SetOption(hub, 'proxy_data', { ...PROXY, username: 'ann', password: 'secret' });
    await expect(connect(sphere, hub)).rejects.toThrow('IOTHUB_CLIENT_CONNECTION_NO_NETWORK');
    const { code: found, message } = sphere.sdk.diagnostics[0]!;
    expect(found).toBe(code);
    expect(message).not.toContain('secret');
    sphere.sdk.IoTHubDeviceClient_LL_Destroy(hub);
  });
});

describe('MQTT without WebSocket', () => {
  test('DPS is reached through the proxy, too', async () => {
    const { sphere, proxy } = await startBehindProxy();
    const prov = createProv(sphere);
    expect(sphere.sdk.Prov_Device_LL_SetOption(prov, 'proxy_data', PROXY)).toBe(0);
    expect((await register(sphere, prov)).result).toBe(PROV_DEVICE_RESULT.PROV_DEVICE_RESULT_OK);
    expect(proxy.requests[0]).toContain(`CONNECT ${DPS}:8883 `);
    sphere.sdk.Prov_Device_LL_Destroy(prov);
  });

  // Another quirk of the SDK: the hub's MQTT transport takes the option, and does not look at it.
  test('the hub is connected to directly all the same', async () => {
    const { sphere, proxy } = await startBehindProxy();
    const hub = createHub(sphere);
    expect(sphere.sdk.IoTHubDeviceClient_LL_SetOption(hub, 'proxy_data', PROXY)).toBe(0);
    await expect(connect(sphere, hub)).rejects.toThrow('IOTHUB_CLIENT_CONNECTION_NO_NETWORK');
    expect(proxy.requests).toEqual([]);
    expect(sphere.sdk.diagnostics.at(-1)?.code).toBe('ENDPOINT_NOT_MAPPED');
    sphere.sdk.IoTHubDeviceClient_LL_Destroy(hub);
  });
});

test('SphereDevice takes the proxy for both', async () => {
  const { sphere, proxy } = await startBehindProxy();
  const { sdk, pump, clock, cloud } = sphere;
  const { idScope } = cloud.dps;
  const device = new SphereDevice({
    sdk,
    pump,
    idScope,
    protocol: 'mqtt-ws',
    proxy: { ...PROXY, username: 'ann', password: 'pw' },
  });
  await clock.runUntil(device.connect());
  expect(proxy.requests.map((request) => request.split(' ')[1])).toEqual([`${DPS}:443`, `${HUB}:443`]);
  expect(proxy.requests.every((request) => request.includes(`Basic ${btoa('ann:pw')}`))).toBe(true);
  device.close();
});

describe('the tunnel', () => {
  const open = () => {
    const [near, far] = createDuplexPair(new VirtualClock());
    return { near, far, opened: openTunnel(near, { name: 'proxy', port: 3128 }, 'hub', 443) };
  };

  test('an answer comes in pieces, and what follows it stays in the stream', async () => {
    const { near, far, opened } = open();
    far.write('HTTP/1.1 200 Conn');
    await new Promise(setImmediate);
    far.write('ection established\r\nVia: x\r\n\r\nhel');
    await opened;
    far.end('lo');
    let text = '';
    for await (const bytes of near) text += String(bytes);
    expect(text).toBe('hello');
  });

  test('an address of IPv6 is in brackets', async () => {
    const [near, far] = createDuplexPair(new VirtualClock());
    const opened = openTunnel(near, { name: 'proxy', port: 3128 }, '2001:db8::1', 443);
    const [request] = (await once(far, 'data')) as [Buffer];
    expect(request.toString()).toBe('CONNECT [2001:db8::1]:443 HTTP/1.1\r\nHost: [2001:db8::1]:443\r\n\r\n');
    far.write('HTTP/1.1 503 Busy\r\n\r\n');
    await expect(opened).rejects.toThrow('does not connect to [2001:db8::1]:443: HTTP/1.1 503 Busy');
  });

  test('the error of a connection that breaks is told as it is', async () => {
    const { near, opened } = open();
    const broken = Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' });
    near.destroy(broken);
    await expect(opened).rejects.toBe(broken);
  });

  test('answers before the answer, without end, are refused', async () => {
    const { far, opened } = open();
    far.on('error', () => undefined);
    const more = 'HTTP/1.1 100 Continue\r\n\r\n'.repeat(1000);
    let isOver = false;
    const over = opened.finally(() => (isOver = true));
    over.catch(() => undefined);
    for (let i = 0; i < 1000 && !isOver; i++) {
      far.write(more);
      await new Promise(setImmediate);
    }
    expect(isOver).toBe(true);
    await expect(over).rejects.toMatchObject({ code: 'PROXY_REFUSED' });
  });

  test('a head without an end is refused', async () => {
    const { far, opened } = open();
    far.on('error', () => undefined);
    far.write(`HTTP/1.1 200 OK\r\nX: ${'x'.repeat(20_000)}`);
    await expect(opened).rejects.toMatchObject({ code: 'PROXY_REFUSED' });
  });
});
