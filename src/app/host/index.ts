import type { Clock } from '../../clock/index.js';
import {
  clockImports,
  HostError,
  type CiphersImports,
  type CoreImports,
  type FilesImports,
  type Gate,
  type InetImports,
  type NetworkImports,
  type PeripheralsImports,
  type SystemImports,
  type TlsImports,
  trapOf,
  type WifiImports,
} from '../../wasm/index.js';
import { appSectionImports, type AppSectionImports, type AppSectionOptions } from './app/index.js';
import type { CertificateHost } from './system/certificates.js';
import { cipherImports } from './ciphers.js';
import type { Files } from './files/index.js';
import type { Pins } from './peripherals/gpio.js';
import type { NetworkHost } from './network.js';
import type { PeripheralHost } from './peripherals/index.js';
import type { PowerHost } from './system/power.js';
import type { NetworkSockets } from './inet/index.js';
import type { SystemTime } from './system/system-time.js';
import type { SystemEvents } from './system/system-events.js';
import type { SocketTls } from './tls/socket-tls.js';
import type { TlsHost } from './tls/index.js';
import type { WifiHost } from './wifi/index.js';

export interface AppHostOptions extends AppSectionOptions {
  readonly clock: Clock;
  readonly gate: Gate;
  readonly files: Files;
  readonly pins: Pins;
  readonly buses: PeripheralHost;
  readonly wifi: WifiHost;
  readonly network: NetworkHost;
  readonly power: PowerHost;
  readonly events: SystemEvents;
  readonly certificates: CertificateHost;
  readonly time: SystemTime;
  readonly sockets: NetworkSockets;
  readonly socketTls: SocketTls;
  readonly tls: TlsHost;
  /** Waits that were over at once. */
  readonly skips: () => number;
}

/** What apps find in host.h beyond what every module does. */
type AppHostImports = AppSectionImports &
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
  const { clock, gate, memory, files, pins, buses, wifi, network } = options;
  const { power, events, certificates, time, sockets, socketTls, tls } = options;
  const imports: AppHostImports = {
    ...appSectionImports(options),
    ...files.imports(),
    ...pins.imports(),
    ...buses.imports(),
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
