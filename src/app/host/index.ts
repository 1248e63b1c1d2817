import type { Clock } from '../../clock/index.js';
import { clockImports, type Gate, type Memory } from '../../wasm/index.js';
import type { AppAuthentication } from '../device-authentication.js';
import type { AppLog } from '../log.js';
import type { AppManifest } from '../manifest.js';
import type { CertificateHost } from './certificates.js';
import { cipherImports } from './ciphers.js';
import { HostError } from './errors.js';
import type { Files } from './files.js';
import type { Pins } from './gpio.js';
import type { Heap } from './heap.js';
import type { NetworkHost } from './network.js';
import type { Partners } from './partners.js';
import type { PeripheralHost } from './peripherals.js';
import type { PowerHost } from './power.js';
import type { NetworkSockets } from './sockets/index.js';
import type { SystemTime } from './system-time.js';
import type { SystemEvents } from './system-events.js';
import type { SocketTls } from './socket-tls.js';
import type { TlsHost } from './tls/index.js';
import type { WifiHost } from './wifi.js';

export interface AppHostOptions {
  readonly clock: Clock;
  readonly gate: Gate;
  readonly memory: Memory;
  readonly manifest: AppManifest;
  readonly files: Files;
  readonly osVersion: string;
  readonly log: AppLog;
  readonly heap: Heap;
  readonly pins: Pins;
  readonly buses: PeripheralHost;
  readonly partners: Partners;
  readonly wifi: WifiHost;
  readonly network: NetworkHost;
  readonly power: PowerHost;
  readonly events: SystemEvents;
  readonly certificates: CertificateHost;
  readonly time: SystemTime;
  readonly sockets: NetworkSockets;
  readonly socketTls: SocketTls;
  readonly authentication: AppAuthentication;
  readonly tls: TlsHost;
  /** Waits that were over at once. */
  readonly skips: () => number;
}

type Import = (...args: number[]) => number | void;

/** What apps find in host.h beyond what every module does. */
export function appImports(options: AppHostOptions): Record<string, unknown> {
  const {
    clock,
    gate,
    memory,
    manifest,
    files,
    log,
    heap,
    pins,
    buses,
    partners,
    wifi,
    network,
    power,
    events,
    certificates,
    time,
    sockets,
    socketTls,
    authentication,
    tls,
  } = options;
  const imports: Record<string, Import> = {
    app_log: (text, length) => log.write(memory.bytesAt(text, length)),
    app_component_id: (id) => writeText(memory, id, manifest.componentId),
    app_catalog_id: (id) => {
      const catalogId = authentication.catalogId();
      if (catalogId === undefined) return HostError.noEntry;
      writeText(memory, id, catalogId);
      return 0;
    },
    app_os_version: (version, size) =>
      writeText(
        memory,
        version,
        Buffer.from(options.osVersion)
          .subarray(0, (size as number) - 1)
          .toString(),
      ),
    app_device_auth_ready: () => Number(authentication.certificate() !== undefined),
    ...heap.imports(),
    ...files.imports(),
    ...pins.imports(),
    ...buses.imports(),
    ...partners.imports(),
    ...wifi.imports(),
    ...network.imports(),
    ...power.imports(),
    ...events.imports(),
    ...certificates.imports(),
    ...time.imports(),
    ...sockets.imports(),
    ...socketTls.imports(),
    ...tls.imports(),
    ...cipherImports(memory),
  };
  return { ...clockImports(clock, () => gate.turns + options.skips()), ...guarded(gate, imports) };
}

/** Keeps what a function throws (a user's listener, for example) out of C; the app ends with it. */
function guarded(gate: Gate, imports: Record<string, Import>): Record<string, Import> {
  return Object.fromEntries(
    Object.entries(imports).map(([name, run]) => [
      name,
      (...args: number[]) => gate.guard(() => run(...args), HostError.io),
    ]),
  );
}

function writeText(memory: Memory, pointer: number, text: string): void {
  memory.bytes.set(Buffer.from(`${text}\0`), pointer);
}
