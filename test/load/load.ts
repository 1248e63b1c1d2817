// Many devices against one emulator, over TLS on loopback, by the machine's time.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

import { CertificateAuthority } from '../../src/certificates/index.js';
import { realClock } from '../../src/clock/index.js';
import { LocalAzure, type LocalAzureOptions } from '../../src/emulator/index.js';
import { PROGRAM_TIME } from '../support/limits.js';

const HUB = 'contoso.azure-devices.net';

export interface Size {
  readonly devices: number;
  /** Of each device. */
  readonly messages: number;
  /** Cloud-to-device messages of each device. Default 0. */
  readonly c2d?: number;
  /** How long a device waits for any PUBACK before it connects again, and so sends again. Default: for ever. */
  readonly resendAfterMs?: number;
}

/** What the application on a device was told. */
export interface Told {
  /** Numbers of the messages, in the order of their PUBACKs. */
  readonly acknowledged: readonly number[];
  readonly c2d: readonly string[];
  readonly connections: number;
}

interface Identity {
  readonly deviceId: string;
  readonly cert: string;
  readonly key: string;
}

/** What devices.cjs reads. */
interface LoadInput {
  readonly host: string;
  readonly port: number;
  readonly hub: string;
  readonly ca: string;
  readonly messages: number;
  readonly c2d: number;
  /** How many messages of a device are under way at most. */
  readonly window: number;
  readonly resendAfterMs: number;
  readonly devices: readonly Identity[];
}

type Line =
  | { readonly connected: number; readonly acknowledged: number }
  | { readonly result: Readonly<Record<string, Told>> }
  | { readonly error: string };

/** An emulator that listens, and devices with certificates of their own that its hub knows by their thumbprints. */
export class Fleet {
  readonly azure: LocalAzure;
  readonly deviceIds: readonly string[];
  readonly #size: Size;
  readonly #identities: readonly Identity[];
  readonly #address: { readonly host: string; readonly port: number };

  private constructor(
    azure: LocalAzure,
    size: Size,
    identities: readonly Identity[],
    address: { readonly host: string; readonly port: number },
  ) {
    this.azure = azure;
    this.#size = size;
    this.#identities = identities;
    this.#address = address;
    this.deviceIds = identities.map(({ deviceId }) => deviceId);
  }

  static async start(size: Size, options: LocalAzureOptions = {}): Promise<Fleet> {
    const azure = await LocalAzure.start(options);
    const ca = await CertificateAuthority.create({ subject: { commonName: 'Load CA' }, clock: realClock });
    const identities: Identity[] = [];
    for (let number = 0; number < size.devices; number++) identities.push(await newIdentity(azure, ca, `d-${number}`));
    return new Fleet(azure, size, identities, await azure.listen());
  }

  /** All devices connect, send, and go; resolves once the hub has seen them all go. */
  async round(title: string): Promise<Readonly<Record<string, Told>>> {
    const { messages, c2d = 0, resendAfterMs = 0, devices } = this.#size;
    const input: LoadInput = {
      ...this.#address,
      hub: HUB,
      ca: this.azure.trustRoots,
      messages,
      c2d,
      window: 20,
      resendAfterMs,
      devices: this.#identities,
    };
    const progress = (connected: number, acknowledged: number): void => {
      if (process.stderr.isTTY)
        process.stderr.write(
          `\r${title}: ${connected} of ${devices} connected, ${acknowledged} of ${devices * messages} acknowledged  `,
        );
    };
    const told = await runDevices(input, progress);
    await Promise.all(this.deviceIds.map((deviceId) => this.azure.hub().device(deviceId).disconnected()));
    return told;
  }

  async close(): Promise<void> {
    await this.azure.close();
  }
}

async function newIdentity(azure: LocalAzure, ca: CertificateAuthority, deviceId: string): Promise<Identity> {
  const { leaf, chain, privateKey } = await ca.issue({ commonName: deviceId });
  const thumbprints = { primary: leaf.fingerprint };
  azure.hub().devices.create({ deviceId, authentication: { type: 'selfSigned', thumbprints } });
  return { deviceId, cert: chain, key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() };
}

/** In a process of their own. */
async function runDevices(
  input: LoadInput,
  progress: (connected: number, acknowledged: number) => void,
): Promise<Readonly<Record<string, Told>>> {
  const child = spawn(process.execPath, [join('test', 'load', 'devices.cjs')], {
    stdio: ['pipe', 'pipe', 'inherit'],
    timeout: PROGRAM_TIME,
  });
  const closed = new Promise((resolve) => child.once('close', resolve));
  child.stdin.on('error', () => undefined);
  child.stdin.end(JSON.stringify(input));
  try {
    for await (const text of createInterface({ input: child.stdout })) {
      const line = JSON.parse(text) as Line;
      if ('error' in line) throw new Error(line.error);
      if ('result' in line) return line.result;
      progress(line.connected, line.acknowledged);
    }
    throw new Error('The devices ended without a word.');
  } finally {
    child.kill('SIGKILL');
    await closed;
  }
}

/** Bytes of the heap, and of what it holds outside, after all that is unreachable was collected. */
export async function memoryInUse(): Promise<number> {
  setFlagsFromString('--expose-gc');
  const gc = runInNewContext('gc') as () => void;
  for (let i = 0; i < 3; i++) {
    gc();
    // Finalizers and closing handles have their turn.
    await new Promise((resolve) => setImmediate(resolve));
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** Of this process. */
export function openSockets(): number {
  return process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length;
}
