import { checkOptions, type Rules } from '../options.js';
import { aClock, bytes, callback, flag, object, oneOf, text } from '../rules.js';
import { SphereIotError } from '../errors.js';
import { CertificateStore } from '../certificates/index.js';
import { forgottenWalks, realClock, type Clock } from '../clock/index.js';
import { throwAll } from '../waiting/index.js';
import { Network, TlsClient, type EndpointResolver } from '../transport/index.js';
import type { Diagnostic, Logger } from '../wasm/index.js';
import { bindFunctions } from './generated/binding.js';
import type { SdkFunctions } from './generated/functions.js';
import { createModule, type SdkModule } from './module.js';
import { bindOverrides } from './overrides.js';
import { bindProvisioning, type SphereProvisioning } from './provisioning.js';

export interface SdkOptions {
  /** The source of time. Default: the machine's. */
  readonly clock?: Clock | undefined;
  /** Where names and ports lead: `cloud.resolve` of an emulator, for example. Default: nowhere. */
  readonly resolve?: EndpointResolver | undefined;
  /** Whether names that `resolve` does not know may be reached over the internet. Default false. */
  readonly allowInternet?: boolean | undefined;
  /** PEM: the roots that the device's operating system trusts. Default: those that come with Node. */
  readonly trustRoots?: string | undefined;
  /** Holds the DAA certificate under `DAA_ID`, and the custom chains of the overrides. Default: an empty one. */
  readonly store?: CertificateStore | undefined;
  /** Gets the lines of the SDK's log. On a device they are compiled out. */
  readonly logger?: Logger | undefined;
  /**
   * What speaks WebSocket for the MQTT_WS protocols: the SDK in C, as on a device (default), or the package `ws`, which
   * leaves C the bytes inside.
   */
  readonly webSocket?: 'sdk' | 'ws' | undefined;
  /**
   * Whether the device has a network, asked whenever something is to go through it: with false nothing connects, open connections
   * are silent, and the SDK's Azure Sphere functions are told. It answers at once: another answer than true or false is
   * `NETWORK_READY_INVALID`, in the call or the connection that asks. Default: always.
   */
  readonly networkReady?: (() => boolean) | undefined;
  /** The WebAssembly module, if it is not to be read from the package. */
  readonly wasm?: Uint8Array | undefined;
}

const RULES: Rules<SdkOptions> = {
  clock: aClock,
  resolve: callback,
  allowInternet: flag,
  trustRoots: text,
  store: object,
  logger: callback,
  webSocket: oneOf('sdk', 'ws'),
  networkReady: callback,
  wasm: bytes,
};

/** The C SDK, one instance of it. */
export interface Sdk extends SdkFunctions, SphereProvisioning {
  /** The clock it reads. */
  readonly clock: Clock;
  /** The network that it is connected to, which fails when told to. */
  readonly network: Network;
  /** What of it is alive: nothing, once an app has destroyed what it created. */
  readonly inUse: {
    readonly handles: { type: string; handle: number }[];
    readonly callbacks: number;
    readonly sockets: number;
  };
  /** Whether `close` was called. */
  readonly closed: boolean;
  /** Bytes in the allocated blocks of C's heap. */
  readonly heapInUse: number;
  /** Why connections, registrations and overrides failed: the newest 100, the oldest of them first. */
  readonly diagnostics: readonly Diagnostic[];
  /**
   * Ends its pump and every SphereDevice, and closes every connection at once: what a device waits for rejects with `SDK_CLOSED`. Handles
   * need not have been destroyed; a call afterwards throws `SDK_CLOSED`. Twice is harmless.
   * @throws SphereIotError When all is closed, what nobody has seen: `OUTAGE_NEVER_STRUCK` of an outage that nobody ended; what
   * `SphereDevice.close` throws.
   */
  close(): void;
  /** For `using`. */
  [Symbol.dispose](): void;
}

function closeModule(module: SdkModule, network: Network, clock: Clock): void {
  const { gate, host, dependants } = module;
  if (gate.closed) return;
  module.pump.close();
  gate.close();
  network.deviceEnds();
  host.sockets.close();
  const errors: unknown[] = [...network.close()];
  host.credentials.close();
  const why = new SphereIotError(
    'SDK_CLOSED',
    'The SDK instance of this device was closed, and the device with it; make new ones.',
  );
  for (const dependant of [...dependants])
    try {
      dependant.end(why);
    } catch (error) {
      errors.push(error);
    }
  throwAll([...errors, ...forgottenWalks(clock)]);
}

const modules = new WeakMap<Sdk, SdkModule>();

/** @internal The module behind an SDK instance, for the pump. */
export function moduleOf(sdk: Sdk): SdkModule {
  return modules.get(sdk) as SdkModule;
}

/**
 * A new instance of the C SDK: memory, handles and connections of its own.
 * @throws SphereIotError `WASM_NOT_FOUND`, `WASM_INVALID`, `WASM_MISMATCH`.
 */
export async function createSdk(options: SdkOptions = {}): Promise<Sdk> {
  checkOptions(options, 'createSdk', '{ clock, resolve: cloud.resolve }', RULES);
  const clock = options.clock ?? realClock;
  const store = options.store ?? new CertificateStore();
  const network = new Network({ clock, ...(options.networkReady && { ready: options.networkReady }) });
  const client = new TlsClient({
    clock,
    network,
    resolve: options.resolve ?? (() => undefined),
    allowInternet: options.allowInternet,
    trustRoots: options.trustRoots,
  });
  const module = await createModule(
    {
      clock,
      client,
      store,
      logger: options.logger,
      webSocketsByHost: options.webSocket === 'ws',
      networkReady: () => network.isReady(),
    },
    options.wasm,
  );
  const { handles, callbacks, host } = module;
  const close = (): void => closeModule(module, network, clock);
  const sdk: Sdk = Object.freeze({
    ...bindFunctions(module),
    ...bindOverrides(module),
    ...bindProvisioning(module, clock),
    clock,
    network,
    get closed() {
      return module.gate.closed;
    },
    get heapInUse() {
      return module.exports.sphere_heap_in_use();
    },
    get inUse() {
      return { handles: handles.live(), callbacks: callbacks.count, sockets: host.sockets.count };
    },
    diagnostics: host.diagnostics.list,
    close,
    [Symbol.dispose]: close,
  });
  modules.set(sdk, module);
  return sdk;
}
