import type { CertificateStore } from '../../certificates/index.js';
import type { Clock } from '../../clock/index.js';
import type { TlsClient } from '../../transport/index.js';
import type { CoreImports, SocketsImports } from '../generated/index.js';
import type { Gate } from '../gate.js';
import type { Memory } from '../memory.js';
import { clockImports } from './clock.js';
import { Credentials } from './credentials.js';
import { deviceImports } from './device.js';
import { Diagnostics } from './diagnostics.js';
import { logImports, type Logger } from './log.js';
import { randomImports } from './random.js';
import { Sockets } from './sockets.js';

export interface HostOptions {
  readonly clock: Clock;
  readonly client: TlsClient;
  readonly store: CertificateStore;
  readonly logger: Logger | undefined;
  /** WebSockets are opened by `ws`, not framed by the SDK. */
  readonly webSocketsByHost: boolean;
  readonly networkReady: () => boolean;
  /** Something waits for the handle `owner`; called on the event loop's turn, never while C runs. */
  readonly waiting: (owner: number) => void;
}

/** The imports of C, and what stands behind them. */
export interface Host {
  readonly imports: CoreImports & SocketsImports;
  readonly credentials: Credentials;
  readonly sockets: Sockets;
  readonly diagnostics: Diagnostics;
}

/** The other side of native/host.h for one module. */
export function createHost(memory: Memory, gate: Gate, options: HostOptions): Host {
  const { clock, client, store, logger, webSocketsByHost, waiting } = options;
  const diagnostics = new Diagnostics(clock, logger);
  const credentials = new Credentials({ store, clock, gate, diagnostics });
  const sockets = new Sockets({ memory, gate, client, credentials, clock, diagnostics, webSocketsByHost, waiting });
  const imports: Host['imports'] = {
    ...clockImports(clock, () => gate.turns),
    ...randomImports(memory),
    ...logImports(memory, gate, logger),
    ...guarded(gate, credentials.imports(memory)),
    ...guarded(gate, diagnostics.imports(memory, gate)),
    ...deviceImports(gate, options.networkReady),
    ...sockets.imports(),
  };
  return { imports, credentials, sockets, diagnostics };
}

type Imports = Readonly<Record<string, (...args: number[]) => number | void>>;

/** Keeps what a function throws out of C, which gets 0 instead: "no". */
function guarded<T extends Imports>(gate: Gate, imports: T): T {
  return Object.fromEntries(
    Object.entries(imports).map(([name, run]) => [name, (...args: number[]) => gate.guard(() => run(...args), 0)]),
  ) as T;
}
