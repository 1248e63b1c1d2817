import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { Duplex } from 'node:stream';
import { SphereApp, type BuiltApp } from '../../src/app/index.js';
import { openStream } from '../../src/transport/index.js';
import { compareLines, compareWire } from '../../src/regression/index.js';
import { PROGRAM_TIME } from '../support/limits.js';
import { maskDevice, maskHttpHead, maskSaid, maskTimes } from './masks.js';
import { SCRIPTS, scenarioOf } from './scenarios.js';
import { ScenarioCloud } from './scenario-cloud.js';

/** Where `npm run test:native` has built the native side. */
const PROGRAM = path.join(__dirname, '../../build/native-reference/test/native-reference/scenarios');
/** Turns of the event loop after which a clock that does not move is held. */
const MAX_TURNS = 50;

/** What one side did: what the scenario said, what the services were told, and the wire. */
export interface Transcript {
  readonly said: readonly string[];
  readonly told: readonly string[];
  readonly wire: string;
}

/** What the comparison of both sides says: undefined where they are the same. */
export function differenceOf(native: Transcript, wasm: Transcript): string | undefined {
  const names = ['native', 'wasm'] as const;
  return (
    compareLines(native.said, wasm.said, names) ??
    compareLines(native.told, wasm.told, names) ??
    compareWire(native.wire, wasm.wire, { names })
  );
}

/** The names of all scenarios in C. */
export function scenarioNames(): ReadonlySet<string> {
  const folder = path.join(__dirname, 'scenarios');
  const text = readdirSync(folder)
    .map((file) => readFileSync(path.join(folder, file), 'utf8'))
    .join('\n');
  return new Set([...text.matchAll(/\{"([^"]+)", \w+\}/g)].map(([, name]) => name as string));
}

/** Runs a script on one side, from the cloud's start to its end. */
export async function run(
  script: string,
  side: (world: ScenarioCloud, args: string[], said: (line: string) => void) => Promise<void>,
): Promise<Transcript> {
  const { prepare, proxy, networkFails = false, asked = {}, strikesNothing, connectionString } = SCRIPTS[script] ?? {};
  const world = await ScenarioCloud.create(proxy, networkFails);
  try {
    prepare?.(world);
    const said: string[] = [];
    const answers: Promise<unknown>[] = [];
    const onLine = (line: string): void => {
      const masked = maskSaid(line, world);
      if (masked === undefined) return;
      said.push(masked);
      const request = /^ask (.*)$/.exec(line)?.[1];
      if (request === undefined) return;
      const act = asked[request];
      if (act === undefined) throw new Error(`${script} asks for ${JSON.stringify(request)}`);
      answers.push(tell(world, request, act));
    };
    const args = [scenarioOf(script, scenarioNames()), ...world.args(connectionString?.(world))];
    await side(world, args, onLine);
    await world.clock.advance(60_000);
    await Promise.all(answers);
    if (strikesNothing === true) {
      const unstruck = expect.objectContaining({ code: 'FAULT_NEVER_STRUCK' }) as Error;
      expect(() => world.cloud.faults.allStruck()).toThrow(unstruck);
    }
    return {
      said,
      told: [...world.told, ...telemetry(world), ...(world.proxy?.requests ?? []).map(maskHttpHead)].map((line) =>
        maskDevice(line, world),
      ),
      wire: maskDevice(world.wire.toString(), world),
    };
  } finally {
    await world.close();
  }
}

/** Not within C. */
async function tell(world: ScenarioCloud, request: string, act: (world: ScenarioCloud) => unknown): Promise<void> {
  await Promise.resolve();
  try {
    const result = await act(world);
    if (result !== undefined) world.told.push(`${request}: ${JSON.stringify(result)}`);
  } catch (error) {
    world.told.push(`${request}: ${(error as { code?: string }).code ?? String(error)}`);
  }
}

function telemetry({ cloud, device }: ScenarioCloud): string[] {
  return [device.deviceId, 'key-device'].flatMap((deviceId) =>
    cloud
      .hub()
      .device(deviceId)
      .receivedTelemetry()
      .map(({ body, properties, systemProperties }) =>
        maskTimes(JSON.stringify([deviceId, body.length, properties, systemProperties])),
      ),
  );
}

/** As an app. */
export function inWasm(built: BuiltApp) {
  return async (world: ScenarioCloud, args: string[], said: (line: string) => void): Promise<void> => {
    const { clock, device, proxy } = world;
    const { resolve, trustRoots } = world.cloud;
    const toProxy = proxy?.options(world.cloud).resolve;
    const cloud = { resolve: (name: string, port: number) => toProxy?.(name, port) ?? resolve(name, port), trustRoots };
    const app = await SphereApp.launch(built, { clock, cloud, device, args, onLog: said });
    world.network = app.network;
    try {
      await clock.runUntil(app.exitCode, 10 * 3_600_000);
    } finally {
      app.close();
    }
  };
}

/** As a process. Its clock is the emulator's: it moves while the process sleeps. */
export async function natively(world: ScenarioCloud, args: string[], said: (line: string) => void): Promise<void> {
  if (!existsSync(PROGRAM)) throw new Error('The native side is not built: use `npm run test:native`.');
  const folder = mkdtempSync(path.join(tmpdir(), 'sphere-native-'));
  const proxy = createServer((socket) => world.proxy?.accept(socket, world.cloud.resolve));
  const way = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => leadToCloud(socket, world));
  try {
    const port = world.networkFails ? await portOf(way) : (await world.cloud.listen()).port;
    const proxyPort = await portOf(proxy);
    const child = spawn(PROGRAM, args, {
      env: { ...credentialFiles(world, folder), EMULATOR_PORT: String(port), PROXY_PORT: String(proxyPort) },
      stdio: ['ignore', 'pipe', 'inherit', 'pipe'],
      timeout: PROGRAM_TIME,
    });
    const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
    createInterface({ input: child.stdout as Duplex }).on('line', said);
    serveTime(child.stdio[3] as Duplex, world);
    const code = await ended;
    if (code === null || code > 90) throw new Error(`The native side ended with ${code}.`);
  } finally {
    proxy.close();
    way.close();
    rmSync(folder, { recursive: true });
  }
}

async function portOf(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

/** A connection of the process, through the network that may fail. */
function leadToCloud(socket: Socket, { clock, network, cloud }: ScenarioCloud): void {
  const stream = openStream({ clock, network, resolve: cloud.resolve }, cloud.hub().name, 8883);
  socket.on('error', () => stream.destroy());
  socket.on('close', () => stream.destroy());
  stream.on('error', () => socket.destroy());
  stream.on('close', () => socket.destroySoon());
  socket.pipe(stream).pipe(socket);
}

function credentialFiles({ cloud, device }: ScenarioCloud, folder: string): Record<string, string> {
  const { chain, privateKey } = device.store.resolve(device.authentication.reference as string);
  const key = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const write = (name: string, text: string): string => {
    writeFileSync(path.join(folder, name), text, { mode: 0o600 });
    return path.join(folder, name);
  };
  return {
    SSL_CERT_FILE: write('roots.pem', cloud.trustRoots),
    DEVICE_CERTIFICATE: write('device.pem', chain),
    DEVICE_KEY: write('device.key', key),
  };
}

/**
 * Answers each "sleep MS" of the process with the time after that, and each "resolve" with whether that works. While TLS is under way the emulator holds its clock; the
 * process goes on then, as it has to do its part.
 */
function serveTime(way: Duplex, { clock, network }: ScenarioCloud): void {
  let moving: Promise<void> | undefined;
  way.on('error', () => undefined);
  createInterface({ input: way }).on('line', (line) => {
    if (line === 'resolve') return void way.write(`${Number(network.resolves())}\n`);
    void (async () => {
      await turns(3);
      const ms = Number(/^sleep (.*)$/.exec(line)?.[1]);
      moving ??= clock.advance(ms).finally(() => (moving = undefined));
      await Promise.race([moving, turns(MAX_TURNS)]);
      await turns(3);
      way.write(`${clock.now()}\n`);
    })();
  });
}

async function turns(count: number): Promise<void> {
  for (let i = 0; i < count; i++) await new Promise((resolve) => setImmediate(resolve));
}
