import type { Clock } from '../../clock/index.js';
import {
  clockImports,
  HostError,
  type AppImports,
  type CiphersImports,
  type CoreImports,
  type FilesImports,
  type Gate,
  type InetImports,
  type Memory,
  type NetworkImports,
  type PeripheralsImports,
  type SystemImports,
  type TlsImports,
  trapOf,
  type WifiImports,
} from '../../wasm/index.js';
import { maskedBytes } from '../../masked.js';
import type { AppAuthentication } from '../app-authentication.js';
import type { AppLog } from '../app-log.js';
import type { AppManifest } from '../manifest.js';
import type { CertificateHost } from './system/certificates.js';
import { cipherImports } from './ciphers.js';
import type { Files } from './files/index.js';
import type { Pins } from './peripherals/gpio.js';
import type { Heap } from './app/heap.js';
import type { NetworkHost } from './network.js';
import type { Partners } from './app/partners.js';
import type { PeripheralHost } from './peripherals/index.js';
import type { PowerHost } from './system/power.js';
import type { NetworkSockets } from './inet/index.js';
import type { SystemTime } from './system/system-time.js';
import type { SystemEvents } from './system/system-events.js';
import type { SocketTls } from './tls/socket-tls.js';
import type { TlsHost } from './tls/index.js';
import type { WifiHost } from './wifi/index.js';

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

/** What has to do with waiting is done where the program is: src/app/program/. */
type Waiting = 'app_wait' | 'app_system_call' | 'app_spun' | 'app_watch' | 'app_long_jump' | 'app_next_signal';

/** What apps find in host.h beyond what every module does. */
type AppHostImports = Omit<AppImports, Waiting> &
  CiphersImports &
  FilesImports &
  InetImports &
  NetworkImports &
  PeripheralsImports &
  SystemImports &
  TlsImports &
  WifiImports;

type Clocks = Pick<CoreImports, 'clock_now' | 'clock_monotonic'>;

/** The imports of an app, but what every module has and what has to do with waiting. The clock is read anew after each wait. */
export function appImports(options: AppHostOptions): AppHostImports & Clocks {
  const { clock, gate, memory, files, heap, pins, buses, partners, wifi, network } = options;
  const { power, events, certificates, time, sockets, socketTls, tls } = options;
  const imports: AppHostImports = {
    ...ownImports(options),
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

/** Its log, and what an app asks about itself. */
function ownImports({ memory, log, manifest, authentication, osVersion }: AppHostOptions) {
  return {
    app_log: (text, length) => log.write(memory.bytesAt(text, length)),
    app_masked: (text, length, place, size) => {
      const shown = maskedBytes(Buffer.from(memory.bytesAt(text, length)));
      memory.bytesAt(place, size).set(shown.subarray(0, size));
      return shown.length;
    },
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
        Buffer.from(osVersion)
          .subarray(0, size - 1)
          .toString(),
      ),
    app_device_auth_ready: () => Number(authentication.certificate() !== undefined),
  } satisfies Partial<AppImports>;
}

/**
 * Keeps what a function throws (a user's listener, for example) out of C; the app ends with it. A pointer beyond the memory ends the app at
 * once, as where C itself uses it.
 */
function guarded<T extends Readonly<Record<string, (...args: number[]) => number | void>>>(gate: Gate, imports: T): T {
  return Object.fromEntries(
    Object.entries(imports).map(([name, run]) => [
      name,
      (...args: number[]) => {
        try {
          return run(...args);
        } catch (error) {
          const trap = trapOf(error);
          if (trap !== error) throw trap;
          gate.keep(error);
          return HostError.io;
        }
      },
    ]),
  ) as T;
}

function writeText(memory: Memory, pointer: number, text: string): void {
  memory.bytes.set(Buffer.from(`${text}\0`), pointer);
}
