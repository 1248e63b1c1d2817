import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { connectAsync, type MqttClient } from 'mqtt';

import { CertificateAuthority, type Credential } from '../../src/certificates/index.js';
import { realClock } from '../../src/clock/index.js';
import { LocalAzure } from '../../src/emulator/index.js';

const HUB = 'contoso.azure-devices.net';
const ROUNDS = 5;
const DEVICES = ['a', 'b', 'c'];
const MAIN = join(__dirname, '../../dist/cjs/cli/main.js');

let folder: string;
let child: ChildProcess | undefined;
let ended: Promise<unknown> = Promise.resolve();
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'sphere-iot-killed-'))));
afterEach(() => {
  child?.kill('SIGKILL');
  rmSync(folder, { recursive: true });
});

const state = (): string => join(folder, 'state');

/** The emulator as a process of its own; returns its port. */
async function emulate(): Promise<number> {
  const args = ['emulate', '--json', '--state', state(), '--trust-roots', join(folder, 'roots.pem')];
  const started = spawn(process.execPath, [MAIN, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  child = started;
  ended = once(started, 'close');
  const [line] = (await once(started.stdout, 'data')) as [Buffer];
  return (JSON.parse(line.toString()) as { addresses: [{ port: number }] }).addresses[0].port;
}

function connect(port: number, ca: string, { commonName, chain, privateKey }: Credential): Promise<MqttClient> {
  return connectAsync({
    protocol: 'mqtts',
    host: '127.0.0.1',
    port,
    servername: HUB,
    clientId: commonName,
    username: `${HUB}/${commonName}/?api-version=2021-04-12`,
    ca,
    cert: chain,
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }),
    reconnectPeriod: 0,
  });
}

/** Sends until the connection breaks; returns what was acknowledged. `onAcknowledged` is called at each message that is. */
async function send(client: MqttClient, deviceId: string, round: number, onAcknowledged: () => void): Promise<Said> {
  const said: Said = { telemetry: [], reported: {} };
  const asked = new Map<string, string>();
  client.on('message', (topic) => {
    const [, status, id = ''] = /res\/(\d+)\/\?\$rid=([^&]+)/.exec(topic) ?? [];
    const key = asked.get(id);
    if (status === '204' && key !== undefined) said.reported[key] = round;
  });
  const broken = new Promise<void>((resolve) => client.once('close', () => resolve()));
  client.on('error', () => undefined);
  client.subscribe('$iothub/twin/res/#');
  for (let number = 0; client.connected; number++) {
    const body = `${round}.${number}`;
    client.publish(`devices/${deviceId}/messages/events/`, body, { qos: 1 }, (error) => {
      if (error) return;
      said.telemetry.push(body);
      onAcknowledged();
    });
    const id = `${round}-${number}`;
    asked.set(id, `k${number % 20}`);
    client.publish(
      `$iothub/twin/PATCH/properties/reported/?$rid=${id}`,
      JSON.stringify({ [`k${number % 20}`]: round }),
    );
    // As many under way as a device has.
    do await new Promise((resolve) => setImmediate(resolve));
    while (client.connected && number - said.telemetry.length > 10);
  }
  await broken;
  client.end(true);
  return said;
}

interface Said {
  readonly telemetry: string[];
  /** Key → the round in which it was acknowledged last. */
  readonly reported: Record<string, number>;
}

test('what a killed emulator acknowledged is there after the next start, whenever it was killed', async () => {
  const ca = await CertificateAuthority.create({ subject: { commonName: 'Test CA' }, clock: realClock });
  const credentials = await Promise.all(DEVICES.map((commonName) => ca.issue({ commonName })));
  const first = await LocalAzure.start({ state: state() });
  for (const { commonName, leaf } of credentials) {
    const thumbprints = { primary: leaf.fingerprint256 };
    first.hub().devices.create({ deviceId: commonName, authentication: { type: 'selfSigned', thumbprints } });
  }
  const { trustRoots } = first;
  await first.close();

  const acknowledged = DEVICES.map((): Said => ({ telemetry: [], reported: {} }));
  for (let round = 1; round <= ROUNDS; round++) {
    const port = await emulate();
    const clients = await Promise.all(credentials.map((credential) => connect(port, trustRoots, credential)));
    // At any time, but once every device has been told something.
    const heard = new Set<string>();
    let left = Math.random() * 300;
    const sending = DEVICES.map((deviceId, index) =>
      send(clients[index]!, deviceId, round, () => {
        heard.add(deviceId);
        if (--left < 0 && (round > 1 || heard.size === DEVICES.length)) child?.kill('SIGKILL');
      }),
    );
    (await Promise.all(sending)).forEach(({ telemetry, reported }, index) => {
      acknowledged[index]!.telemetry.push(...telemetry);
      Object.assign(acknowledged[index]!.reported, reported);
    });
    await ended;
  }

  const azure = await LocalAzure.start({ state: state() });
  expect(azure.trustRoots).toBe(trustRoots);
  try {
    DEVICES.forEach((deviceId, index) => {
      const device = azure.hub().device(deviceId);
      const { telemetry, reported } = acknowledged[index]!;
      expect(telemetry.length).toBeGreaterThan(0);
      const kept = device.receivedTelemetry().map(({ body }) => body.toString());
      expect(telemetry.filter((body) => !kept.includes(body))).toEqual([]);
      const after = device.twin.reported as Record<string, number>;
      expect(Object.entries(reported).filter(([key, round]) => !((after[key] ?? 0) >= round))).toEqual([]);
    });
  } finally {
    await azure.close();
  }
});
