import { CertificateStore, DAA_ID, type Credential } from '../certificates/index.js';
import { realClock } from '../clock/index.js';
import { Pump, SphereDevice, type Assignment } from '../device/index.js';
import { SphereIotError } from '../errors.js';
import { createSdk, type Sdk } from '../sdk/index.js';
import type { EndpointResolver } from '../transport/index.js';
import type { LogLine } from '../wasm/index.js';
import { writeText, type CliIo, type Report, type Writer } from './io.js';
import { errorOf } from './own-error.js';
import { Timeline } from './timeline.js';

/** What a device is to do. */
export interface ConnectPlan {
  readonly credential: Credential;
  /** Whether it is the DAA certificate, or a custom chain, which goes in by both overrides. */
  readonly kind: 'daa' | 'custom';
  readonly target:
    { readonly idScope: string; readonly endpoint: string } | { readonly hub: string; readonly deviceId: string };
  /** PEM. */
  readonly trustRoots: string | undefined;
  readonly resolve: EndpointResolver;
  readonly allowInternet: boolean;
  readonly protocol: 'mqtt' | 'mqtt-ws';
  readonly modelId: string | undefined;
  /** Telemetry. */
  readonly messages: readonly string[];
  /** Whether it stays until it is interrupted. */
  readonly stay: boolean;
  /** For all but that, ms. */
  readonly timeoutMs: number;
  readonly sdkLog: boolean;
  /** Whether the steps are left out: for `--json`. */
  readonly quiet: boolean;
}

/**
 * Provisions, connects, sends, and closes, telling of each step.
 * @throws SphereIotError as SphereDevice does; `TIMED_OUT`, `INTERRUPTED`.
 */
export async function connectDevice(io: CliIo, plan: ConnectPlan): Promise<Report> {
  const { credential, kind, resolve, allowInternet, trustRoots } = plan;
  const timeline = new Timeline(() => realClock.now(), plan.quiet ? silent : io.stdout, io.env);
  const store = new CertificateStore();
  if (kind === 'daa') store.install(DAA_ID, credential);
  const logger = plan.sdkLog ? (line: LogLine) => writeText(io.stderr, `${line.message.trimEnd()}\n`) : undefined;
  const sdk = await createSdk({ store, resolve, allowInternet, trustRoots, logger });
  const pump = new Pump(sdk);
  const device = newDevice(sdk, pump, plan);
  try {
    const assignment = await within(io, plan.timeoutMs, () => steps(device, plan, timeline));
    if (plan.stay) await stay(io, device, timeline);
    const json = { ...assignment, commonName: credential.commonName, messagesSent: plan.messages.length };
    return { text: '', json };
  } catch (error) {
    throw inOptions(error);
  } finally {
    device.close();
    pump.close();
    sdk.close();
  }
}

/** What the API's fields are called here. */
function inOptions(error: unknown): SphereIotError {
  const { code, message, c } = errorOf(error);
  const advice = message.replace(
    'Map it to an emulator, or set allowInternet.',
    'Map it with --endpoint, or give --allow-internet.',
  );
  return new SphereIotError(code, advice, { cause: error, c });
}

const silent: Writer = { write: () => true };

function newDevice(sdk: Sdk, pump: Pump, { credential, kind, target, protocol, modelId }: ConnectPlan): SphereDevice {
  const custom = {
    chain: credential.chain,
    privateKey: credential.privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
  };
  return new SphereDevice({ ...target, sdk, pump, protocol, modelId, ...(kind === 'custom' ? { custom } : {}) });
}

/** The time limit is that of all steps together. */
const BOUNDED = { timeout: Infinity };

async function steps(device: SphereDevice, plan: ConnectPlan, timeline: Timeline): Promise<Assignment> {
  const { credential, kind, target, messages } = plan;
  timeline.event('device', `${kind === 'daa' ? 'DAA certificate' : 'custom chain'} of ${credential.commonName}`);
  if ('idScope' in target) {
    timeline.event('dps', `${target.endpoint}, id scope ${target.idScope}: registering`);
    const { hub, deviceId } = await device.provision(BOUNDED);
    timeline.event('dps', `assigned to ${hub} as ${deviceId}`);
  }
  await device.connect(BOUNDED);
  const assignment = device.assignment as Assignment;
  timeline.event('hub', `${assignment.hub}: authenticated as ${assignment.deviceId}`);
  for (const message of messages) {
    await device.sendTelemetry(message, BOUNDED);
    timeline.event('hub', `telemetry confirmed: ${message}`);
  }
  return assignment;
}

/** Shows what comes until Ctrl-C. Methods without a handler are answered with 404, which is what happens here. */
async function stay(io: CliIo, device: SphereDevice, timeline: Timeline): Promise<void> {
  device.onDesired((properties) => timeline.event('hub', `desired properties: ${JSON.stringify(properties)}`));
  device.onMessage(({ body }) => {
    timeline.event('hub', `message: ${Buffer.from(body).toString()}`);
    return 'accept';
  });
  device.onStatus((status) => timeline.event('device', status));
  timeline.event('device', 'stays connected: Ctrl-C ends it');
  await interruption(io);
}

function interruption({ interrupted }: CliIo): Promise<void> {
  return new Promise((resolve) => {
    if (interrupted.aborted) resolve();
    else interrupted.addEventListener('abort', () => resolve(), { once: true });
  });
}

/** DPS may let a device wait for ever (429), and so does the SDK. */
async function within<T>(io: CliIo, ms: number, act: () => Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const end = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(timedOut(ms)), ms);
    void interruption(io).then(() => reject(new SphereIotError('INTERRUPTED', 'Interrupted.')));
  });
  try {
    return await Promise.race([act(), end]);
  } finally {
    clearTimeout(timer);
  }
}

function timedOut(ms: number): SphereIotError {
  return new SphereIotError(
    'TIMED_OUT',
    `The device was not there after ${ms / 1000} s. --sdk-log shows what the SDK says; --timeout gives it longer.`,
  );
}
