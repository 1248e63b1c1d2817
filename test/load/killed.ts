// An emulator with state, as a process of its own, that is killed while clients are at work, again and again: what it acknowledged is kept.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { connect, type IClientOptions, type MqttClient } from 'mqtt';

import { CertificateAuthority, type Credential } from '../../src/certificates/index.js';
import { realClock } from '../../src/clock/index.js';
import { deriveDeviceKey, LocalAzure } from '../../src/emulator/index.js';
import { seededRandom } from '../../src/seeded-random.js';
import { DPS, HUB, sasToken } from '../emulator/support.js';

const MAIN = join(__dirname, '../../dist/cjs/cli/main.js');
const ID_SCOPE = '0ne00000000';
const GROUP_KEY = Buffer.alloc(64, 7).toString('base64');
const HOUR = 3_600_000;
/** Messages of a device that are under way at most. */
const WINDOW = 10;
const KEYS = 20;

export interface KillOptions {
  readonly rounds: number;
  readonly devices: number;
  /** Of the moments of the kills. */
  readonly seed: string;
}

/** What a device was told. */
interface Said {
  /** Bodies, in the order of their PUBACKs. */
  readonly telemetry: string[];
  /** Reported key → the round in which it was acknowledged last. */
  readonly reported: Record<string, number>;
}

/** What the emulator told its clients, over all rounds. */
interface Acknowledged {
  readonly devices: Map<string, Said>;
  /** Registration ids. */
  readonly registered: string[];
}

export interface Emulator {
  readonly child: ChildProcess;
  readonly port: number;
  readonly ca: string;
  readonly ended: Promise<unknown>;
}

/** @returns Figures. */
export async function killedAgainAndAgain(options: KillOptions): Promise<object> {
  const folder = mkdtempSync(join(tmpdir(), 'sphere-iot-killed-'));
  try {
    return await rounds(folder, options);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function rounds(folder: string, { rounds, devices, seed }: KillOptions): Promise<object> {
  const state = join(folder, 'state');
  const random = seededRandom(seed);
  const { credentials, ca } = await prepare(state, devices);
  const acknowledged: Acknowledged = {
    devices: new Map(credentials.map(({ commonName }) => [commonName, { telemetry: [], reported: {} }])),
    registered: [],
  };
  for (let round = 1; round <= rounds; round++) {
    const emulator = await emulate(folder, state, ca);
    try {
      await oneRound(emulator, { round, credentials, acknowledged, random });
    } finally {
      emulator.child.kill('SIGKILL');
      await emulator.ended;
    }
  }
  const azure = await LocalAzure.start({ state });
  try {
    expect(azure.trustRoots).toBe(ca);
    expectKept(azure, acknowledged);
  } finally {
    await azure.close();
  }
  const messages = [...acknowledged.devices.values()].reduce((sum, { telemetry }) => sum + telemetry.length, 0);
  return { rounds, devices, messages, registrations: acknowledged.registered.length };
}

/** Devices with certificates, and a group of which any number can register. */
export async function prepare(
  state: string,
  devices: number,
): Promise<{ credentials: readonly Credential[]; ca: string }> {
  const authority = await CertificateAuthority.create({ subject: { commonName: 'Test CA' }, clock: realClock });
  const azure = await LocalAzure.start({ state });
  const credentials: Credential[] = [];
  for (let number = 0; number < devices; number++) {
    const credential = await authority.issue({ commonName: `device-${number}` });
    const thumbprints = { primary: credential.leaf.fingerprint256 };
    azure
      .hub()
      .devices.create({ deviceId: credential.commonName, authentication: { type: 'selfSigned', thumbprints } });
    credentials.push(credential);
  }
  azure.dps.enrollmentGroups.create({ id: 'group', attestation: { symmetricKey: { primaryKey: GROUP_KEY } } });
  await azure.close();
  return { credentials, ca: azure.trustRoots };
}

export async function emulate(folder: string, state: string, ca: string): Promise<Emulator> {
  const args = ['emulate', '--json', '--state', state, '--trust-roots', join(folder, 'roots.pem')];
  const child = spawn(process.execPath, [MAIN, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(child, 'close');
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  const { port } = (JSON.parse(line.toString()) as { addresses: [{ port: number }] }).addresses[0];
  return { child, port, ca, ended };
}

interface Round {
  readonly round: number;
  readonly credentials: readonly Credential[];
  readonly acknowledged: Acknowledged;
  readonly random: () => number;
}

/** All clients are at work until the connections break. */
async function oneRound(emulator: Emulator, { round, credentials, acknowledged, random }: Round): Promise<void> {
  const clients = await Promise.all(credentials.map((credential) => asDevice(emulator, credential)));
  // At any time, but once each client was told something.
  const heard = new Set<string>();
  let left = random() * 100 * credentials.length;
  const afterMs = random() * 20;
  let kill: NodeJS.Timeout | undefined;
  const told = (client: string): void => {
    heard.add(client);
    if (--left < 0 && heard.size > credentials.length)
      kill ??= setTimeout(() => emulator.child.kill('SIGKILL'), afterMs);
  };
  const sending = clients.map((client, index) => {
    const { commonName } = credentials[index] as Credential;
    return send(client, { deviceId: commonName, round, said: acknowledged.devices.get(commonName) as Said, told });
  });
  await Promise.all([...sending, registerMany(emulator, { round, registered: acknowledged.registered, told })]);
}

function options({ port, ca }: Emulator): IClientOptions {
  return { protocol: 'mqtts', host: '127.0.0.1', port, ca, reconnectPeriod: 0, connectTimeout: 10_000 };
}

/** Connects, or rejects where the connection ends before, with an error or without one: mqtt's connectAsync waits for ever then. */
function connected(how: IClientOptions, prepare: (client: MqttClient) => void = () => undefined): Promise<MqttClient> {
  const client = connect(how);
  prepare(client);
  return new Promise((resolve, reject) => {
    client.on('error', () => undefined);
    client.once('connect', () => resolve(client));
    client.once('close', () => {
      client.end(true);
      reject(new Error('The connection was closed before CONNACK.'));
    });
  });
}

/** @param prepare Gets the client before anything comes. With it, the session is one that is kept. */
export function asDevice(
  emulator: Emulator,
  { commonName, chain, privateKey }: Credential,
  prepare?: (client: MqttClient) => void,
): Promise<MqttClient> {
  const how: IClientOptions = {
    ...options(emulator),
    clean: prepare === undefined,
    servername: HUB,
    clientId: commonName,
    username: `${HUB}/${commonName}/?api-version=2021-04-12`,
    cert: chain,
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }),
  };
  return connected(how, prepare);
}

interface Sending {
  readonly deviceId: string;
  readonly round: number;
  readonly said: Said;
  /** Is called at each message that was acknowledged. */
  readonly told: (client: string) => void;
}

/** Telemetry and reported properties, until the connection breaks. */
async function send(client: MqttClient, { deviceId, round, said, told }: Sending): Promise<void> {
  const asked = new Map<string, string>();
  client.on('message', (topic) => {
    const [, status, id = ''] = /res\/(\d+)\/\?\$rid=([^&]+)/.exec(topic) ?? [];
    const key = asked.get(id);
    if (status === '204' && key !== undefined) said.reported[key] = round;
  });
  const broken = new Promise<void>((resolve) => client.once('close', () => resolve()));
  client.on('error', () => undefined);
  client.subscribe('$iothub/twin/res/#');
  let acknowledged = 0;
  for (let number = 0; client.connected; number++) {
    const body = `${round}.${number}`;
    client.publish(`devices/${deviceId}/messages/events/`, body, { qos: 1 }, (error) => {
      if (error) return;
      acknowledged++;
      said.telemetry.push(body);
      told(deviceId);
    });
    const id = `${round}-${number}`;
    const key = `k${number % KEYS}`;
    asked.set(id, key);
    client.publish(`$iothub/twin/PATCH/properties/reported/?$rid=${id}`, JSON.stringify({ [key]: round }));
    do await new Promise((resolve) => setImmediate(resolve));
    while (client.connected && number - acknowledged > WINDOW);
  }
  await broken;
  client.end(true);
}

interface Registering {
  readonly round: number;
  readonly registered: string[];
  readonly told: (client: string) => void;
}

/** One device after the other, until nobody answers. */
async function registerMany(emulator: Emulator, { round, registered, told }: Registering): Promise<void> {
  for (let number = 0; ; number++) {
    const registrationId = `r-${round}-${number}`;
    if (!(await register(emulator, registrationId))) return;
    registered.push(registrationId);
    told('registrations');
  }
}

/** Whether DPS said that the device is assigned. */
async function register(emulator: Emulator, registrationId: string): Promise<boolean> {
  const resource = `${ID_SCOPE}/registrations/${registrationId}`;
  const key = deriveDeviceKey(GROUP_KEY, registrationId);
  const client = await connected({
    ...options(emulator),
    servername: DPS,
    clientId: registrationId,
    username: `${resource}/api-version=2021-06-01`,
    password: sasToken(key, resource, Date.now() + HOUR, { keyName: 'registration' }),
  }).catch(() => undefined);
  if (client === undefined) return false;
  client.on('error', () => undefined);
  const answer = new Promise<boolean>((resolve) => {
    client.once('close', () => resolve(false));
    client.on('message', (_topic, payload) => {
      const { status, operationId } = JSON.parse(payload.toString()) as { status: string; operationId: string };
      if (status !== 'assigning') return resolve(status === 'assigned');
      client.publish(`$dps/registrations/GET/iotdps-get-operationstatus/?$rid=2&operationId=${operationId}`, '');
    });
  });
  client.subscribe('$dps/registrations/res/#');
  client.publish('$dps/registrations/PUT/iotdps-register/?$rid=1', JSON.stringify({ registrationId }));
  return answer.finally(() => client.end(true));
}

function expectKept(azure: LocalAzure, { devices, registered }: Acknowledged): void {
  for (const [deviceId, { telemetry, reported }] of devices) {
    const device = azure.hub().device(deviceId);
    expect(telemetry.length).toBeGreaterThan(0);
    const told = new Set(telemetry);
    // None is missing, none is there twice, and all are in their order.
    const kept = device.receivedTelemetry().map(({ body }) => body.toString());
    expect({ deviceId, kept: kept.filter((body) => told.has(body)) }).toEqual({ deviceId, kept: telemetry });
    expect(Object.keys(reported).length).toBeGreaterThan(0);
    const after = device.twin.reported as Record<string, number>;
    const lost = Object.entries(reported).filter(([key, round]) => !((after[key] ?? 0) >= round));
    expect({ deviceId, lost }).toEqual({ deviceId, lost: [] });
  }
  expect(registered.length).toBeGreaterThan(0);
  const assigned = ({
    registrationId,
    status,
    assignedHub,
  }: {
    registrationId: string;
    status: string;
    assignedHub?: string;
  }) => status === 'assigned' && assignedHub === HUB && azure.hub().devices.has(registrationId);
  const kept = new Set(
    azure.dps.registrations
      .list()
      .filter(assigned)
      .map(({ registrationId }) => registrationId),
  );
  expect(registered.filter((registrationId) => !kept.has(registrationId))).toEqual([]);
}
