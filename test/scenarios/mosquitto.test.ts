// A broker that is not ours: the C SDK over a real socket, real TLS and real time, against a stock mosquitto.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect as connectTcp, createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';

import mqtt, { type MqttClient } from 'mqtt';

import { CertificateAuthority, CertificateStore, DAA_ID } from '../../src/certificates/index.js';
import { realClock } from '../../src/clock/index.js';
import { Pump } from '../../src/device/index.js';
import {
  createSdk,
  IOTHUB_CLIENT_CONFIRMATION_RESULT,
  IOTHUB_SECURITY_TYPE,
  IOTHUBMESSAGE_DISPOSITION_RESULT,
  type Sdk,
} from '../../src/sdk/index.js';
import { HUB, keyPem, made } from '../support/sphere.js';

/** Debian has it where only root's PATH looks, Homebrew too. */
const ENVIRONMENT = { ...process.env, PATH: `${process.env['PATH']}:/usr/sbin:/opt/homebrew/sbin` };
const DEVICE = 'kettle-0042';

async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** Resolves when something accepts connections there; rejects when the process ends before. */
function accepting(port: number, broker: ChildProcess, output: () => string): Promise<void> {
  return new Promise((resolve, reject) => {
    const ended = (code: unknown): void => reject(new Error(`mosquitto ended (${String(code)}): ${output()}`));
    broker.once('exit', ended).once('error', reject);
    const attempt = (): void => {
      const socket = connectTcp(port, '127.0.0.1');
      socket.once('connect', () => {
        broker.off('exit', ended);
        socket.destroy();
        resolve();
      });
      // Once more on the next turn of the event loop: until it listens or ends.
      socket.once('error', () => broker.exitCode === null && setImmediate(attempt));
    };
    attempt();
  });
}

describe('a stock mosquitto', () => {
  let folder: string;
  let broker: ChildProcess | undefined;
  let backend: MqttClient | undefined;
  let sdk: Sdk | undefined;
  let pump: Pump | undefined;
  let port: number;
  let authority: CertificateAuthority;

  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'sphere-iot-mosquitto-'));
    authority = await CertificateAuthority.create({ subject: { commonName: 'Broker CA' }, clock: realClock });
    const server = await authority.issue({ commonName: HUB, usage: 'server' });
    port = await freePort();
    const file = (name: string): string => path.join(folder, name);
    await writeFile(file('ca.pem'), authority.pem);
    await writeFile(file('server.pem'), server.chain);
    await writeFile(file('server.key'), keyPem(server), { mode: 0o600 });
    const lines = [
      `listener ${port} 127.0.0.1`,
      `cafile ${file('ca.pem')}`,
      `certfile ${file('server.pem')}`,
      `keyfile ${file('server.key')}`,
      'require_certificate true',
      'allow_anonymous true',
      'set_tcp_nodelay true',
      'persistence false',
      'log_dest stderr',
      // As root, mosquitto would otherwise become another user, who may not read the key.
      ...(process.getuid?.() === 0 ? ['user root'] : []),
    ];
    await writeFile(file('mosquitto.conf'), `${lines.join('\n')}\n`);
    let output = '';
    broker = spawn('mosquitto', ['-c', file('mosquitto.conf')], {
      env: ENVIRONMENT,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    broker.stderr?.on('data', (text: Buffer) => (output += text.toString()));
    await accepting(port, broker, () => output);
  });

  afterEach(async () => {
    pump?.close();
    sdk?.close();
    await backend?.endAsync(true);
    if (broker !== undefined && broker.exitCode === null && broker.signalCode === null) {
      const gone = once(broker, 'exit');
      broker.kill();
      await gone;
    }
    await rm(folder, { recursive: true });
  });

  /** A back end, connected to the broker with a certificate of its own. */
  async function connectBackend(): Promise<MqttClient> {
    const credential = await authority.issue({ commonName: 'backend' });
    backend = await mqtt.connectAsync({
      protocol: 'mqtts',
      host: '127.0.0.1',
      servername: HUB,
      port,
      ca: authority.pem,
      cert: credential.chain,
      key: keyPem(credential),
      reconnectPeriod: 0,
    });
    return backend;
  }

  async function startDevice(): Promise<Sdk> {
    const store = new CertificateStore();
    store.install(DAA_ID, await authority.issue({ commonName: DEVICE }));
    sdk = await createSdk({
      store,
      trustRoots: authority.pem,
      resolve: (name, at) => (name === HUB && at === 8883 ? { kind: 'tcp', host: '127.0.0.1', port } : undefined),
    });
    pump = new Pump(sdk, { idleMs: 20 });
    expect(sdk.iothub_security_init(IOTHUB_SECURITY_TYPE.IOTHUB_SECURITY_TYPE_X509)).toBe(0);
    return sdk;
  }

  test('passes on what the device sends, and confirms it', async () => {
    const client = await connectBackend();
    await client.subscribeAsync('devices/#', { qos: 1 });
    const arrived = new Promise<[string, Buffer, number]>((resolve) => {
      client.once('message', (topic, payload, packet) => resolve([topic, payload, packet.qos]));
    });
    const device = await startDevice();
    const hub = made(device.IoTHubDeviceClient_LL_CreateFromDeviceAuth(HUB, DEVICE, device.MQTT_Protocol));
    pump?.add(hub);
    const message = made(device.IoTHubMessage_CreateFromString('{"temperature":21.5}'));
    device.IoTHubMessage_SetMessageId(message, 'm1');
    device.IoTHubMessage_SetProperty(message, 'alarm', 'no');
    const confirmed = new Promise<number>((resolve) => {
      expect(device.IoTHubDeviceClient_LL_SendEventAsync(hub, message, resolve)).toBe(0);
    });
    device.IoTHubMessage_Destroy(message);
    expect(await confirmed).toBe(IOTHUB_CLIENT_CONFIRMATION_RESULT.IOTHUB_CLIENT_CONFIRMATION_OK);
    const [topic, payload, qos] = await arrived;
    expect(topic).toMatch(new RegExp(`^devices/${DEVICE}/messages/events/`));
    expect(topic).toContain('alarm=no');
    expect(topic).toContain('mid=m1');
    expect(payload.toString()).toBe('{"temperature":21.5}');
    expect(qos).toBe(1);
    device.IoTHubDeviceClient_LL_Destroy(hub);
    expect(device.inUse).toEqual({ handles: [], callbacks: 0, sockets: 0 });
  });

  test('brings a cloud-to-device message to the message callback, and its handle dies with the callback', async () => {
    const device = await startDevice();
    const hub = made(device.IoTHubDeviceClient_LL_CreateFromDeviceAuth(HUB, DEVICE, device.MQTT_Protocol));
    expect(device.IoTHubDeviceClient_LL_GetLastMessageReceiveTime(hub).result).not.toBe(0);
    const before = Math.floor(Date.now() / 1000);
    const received = new Promise<unknown[]>((resolve) => {
      device.IoTHubDeviceClient_LL_SetMessageCallback(hub, (message) => {
        const { buffer } = device.IoTHubMessage_GetByteArray(message);
        const body = Buffer.from(buffer ?? []).toString();
        resolve([body, device.IoTHubMessage_GetProperty(message, 'unit'), message]);
        return IOTHUBMESSAGE_DISPOSITION_RESULT.IOTHUBMESSAGE_ACCEPTED;
      });
    });
    pump?.add(hub);
    const client = await connectBackend();
    // Kept for the device by the broker, whichever of the two comes first.
    const topic = `devices/${DEVICE}/messages/devicebound/unit=celsius`;
    await client.publishAsync(topic, 'grün', { qos: 1, retain: true });
    const [body, unit, message] = await received;
    expect([body, unit]).toEqual(['grün', 'celsius']);
    expect(() => device.IoTHubMessage_GetByteArray(message as never)).toThrow(
      expect.objectContaining({ code: 'HANDLE_DESTROYED' }),
    );
    const { result, lastMessageReceiveTime } = device.IoTHubDeviceClient_LL_GetLastMessageReceiveTime(hub);
    expect(result).toBe(0);
    expect(lastMessageReceiveTime).toBeGreaterThanOrEqual(before);
    expect(lastMessageReceiveTime).toBeLessThanOrEqual(Math.ceil(Date.now() / 1000));
    device.IoTHubDeviceClient_LL_Destroy(hub);
    expect(device.inUse).toEqual({ handles: [], callbacks: 0, sockets: 0 });
  });
});
