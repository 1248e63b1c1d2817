import { realClock, type Clock } from '../clock/index.js';
import { checkedReady, Network, TlsClient, type EndpointResolver } from '../transport/index.js';
import type { Unseen } from '../waiting/index.js';
import { createHost, Gate, loadModule, Memory, type Host, type MemoryExports } from '../wasm/index.js';
import { authenticationOf, type AppAuthentication } from './app-authentication.js';
import type { AppDevice } from './app-device.js';
import { AppLog } from './app-log.js';
import type { BuiltApp } from './build/built-app.js';
import { connectionsOf } from './connections.js';
import { DeviceSettings } from './device-settings.js';
import { Heap } from './host/app/heap.js';
import { Partners } from './host/app/partners.js';
import { Files } from './host/files/index.js';
import { appImports } from './host/index.js';
import { NetworkSockets } from './host/inet/index.js';
import { NetworkHost } from './host/network.js';
import { Pins } from './host/peripherals/gpio.js';
import { PeripheralHost } from './host/peripherals/index.js';
import { permissions } from './host/permissions.js';
import { CertificateHost } from './host/system/certificates.js';
import { PowerHost } from './host/system/power.js';
import { SystemEvents } from './host/system/system-events.js';
import { SystemTime } from './host/system/system-time.js';
import { TlsHost } from './host/tls/index.js';
import { SocketTls } from './host/tls/socket-tls.js';
import { WifiHost } from './host/wifi/index.js';
import type { LaunchOptions } from './launch-options.js';
import type { AppManifest } from './manifest.js';
import { Program, type ProgramEnd, type RunningProgram } from './program/in-process-program.js';
import { IsolatedProgram } from './program/isolated-program.js';
import { runtimeImports } from './program/runtime.js';

/** One of the last. */
const DEFAULT_OS_VERSION = '24.06';

/** For how long an app may run without a wait: milliseconds of real time. */
const DEFAULT_WATCHDOG = 10_000;

/** What an app runs on, beside its options. */
export interface MachineContext {
  readonly manifest: AppManifest;
  readonly device: AppDevice | undefined;
  /** What listeners throw, for `close` to tell. */
  readonly unseen: Unseen;
  /** Sends a signal to the app. */
  signal(name: 'SIGTERM' | 'SIGKILL'): void;
  /** The program has come to its end. */
  end(how: ProgramEnd): void;
}

/** All that is between an app's program and the device around it: the other side of each section of host.h, and the program itself. */
export class AppMachine {
  readonly log: AppLog;
  /** The network around the device. */
  readonly network: Network;
  readonly settings: DeviceSettings;
  readonly heap: Heap;
  readonly pins: Pins;
  readonly buses: PeripheralHost;
  /** Network interfaces. */
  readonly interfaces: NetworkHost;
  readonly wifi: WifiHost;
  readonly power: PowerHost;
  readonly events: SystemEvents;
  readonly certificates: CertificateHost;
  readonly time: SystemTime;
  readonly sockets: NetworkSockets;
  readonly #options: LaunchOptions;
  readonly #context: MachineContext;
  readonly #clock: Clock;
  readonly #gate = new Gate();
  readonly #linked: { exports?: MemoryExports } = {};
  readonly #memory = new Memory(() => this.#linked.exports as MemoryExports);
  readonly #built: BuiltApp;
  readonly #resolve: EndpointResolver;
  #host: Host | undefined;
  #tls: TlsHost | undefined;
  #program: RunningProgram | undefined;

  /** @throws SphereIotError `HEAP_LIMIT_INVALID`. */
  constructor(built: BuiltApp, options: LaunchOptions, context: MachineContext) {
    const { manifest, device, unseen } = context;
    const { clock = realClock, networkReady, allowInternet = false, cloud } = options;
    const refuse = this.#refuse;
    this.#built = built;
    this.#options = options;
    this.#context = context;
    this.#clock = clock;
    this.log = new AppLog(clock, { onLine: options.onLog, onText: options.onLogText, unseen });
    this.settings = device?.settings ?? new DeviceSettings();
    this.heap = new Heap(options.heapLimit, refuse);
    this.pins = new Pins(clock, manifest, unseen, refuse);
    this.buses = new PeripheralHost({ clock, memory: this.#memory, manifest, unseen, refuse });
    this.network = new Network({ clock, ready: () => this.interfaces.ready });
    const host = {
      clock,
      memory: this.#memory,
      settings: this.settings,
      permits: permissions(manifest, refuse),
      networkReady: () => this.network.isLinked && (networkReady === undefined || checkedReady(networkReady())),
    };
    this.interfaces = new NetworkHost({ ...host, asked: () => void this.network.isReady() });
    this.power = new PowerHost({ ...host, signal: (name) => context.signal(name) });
    this.certificates = new CertificateHost(host);
    this.time = new SystemTime({ ...host, synchronised: () => this.interfaces.lastSync !== undefined });
    this.events = new SystemEvents({ ...host, wake: this.#wake, endApp: () => this.power.endApp() });
    this.wifi = new WifiHost({ ...host, enabled: () => this.interfaces.settings('wlan0')?.enabled === true });
    this.interfaces.wifi = this.wifi;
    this.#resolve = connectionsOf({
      manifest,
      played: (name, port) => this.sockets.endpoint(name, port),
      cloud: cloud && ((name, port) => cloud.resolve(name, port)),
      allowInternet,
    });
    this.sockets = this.#sockets(allowInternet);
  }

  #sockets(allowInternet: boolean): NetworkSockets {
    const { manifest, unseen } = this.#context;
    return new NetworkSockets({
      clock: this.#clock,
      memory: this.#memory,
      gate: this.#gate,
      manifest,
      resolve: this.#resolve,
      allowInternet,
      network: this.network,
      changed: this.#wake,
      unseen,
      refuse: this.#refuse,
    });
  }

  /** Of an app that was loaded. */
  get program(): RunningProgram {
    return this.#program as RunningProgram;
  }

  /** What every module is given by the host; of an app that was loaded. */
  get sdkHost(): Host {
    return this.#host as Host;
  }

  /** Links the program; `program.start` calls its main. @throws SphereIotError `MUTABLE_FILE_NOT_REGULAR`, `WASM_INVALID`, `WASM_MISMATCH`. */
  async load(): Promise<void> {
    const { manifest, device } = this.#context;
    const authentication = authenticationOf(manifest, device, this.#refuse);
    this.#program = await this.#link(this.#imports(authentication));
  }

  /** Closes what the app left open. */
  end(): void {
    this.log.flush();
    this.power.close();
    this.events.close();
    this.#program?.close();
    this.#host?.sockets.close();
    this.sockets.end();
    this.#tls?.close();
  }

  /** All that C imports from host.h, but what has to do with waiting. */
  #imports(authentication: AppAuthentication) {
    const [clock, gate, memory, refuse, wake] = [this.#clock, this.#gate, this.#memory, this.#refuse, this.#wake];
    const { manifest, unseen } = this.#context;
    const { store } = authentication;
    const { osVersion = DEFAULT_OS_VERSION, realTimeApps = {} } = this.#options;
    const { log, heap, pins, buses, wifi, interfaces, power, events, certificates, time, sockets } = this;
    const client = this.#client();
    const host = (this.#host = this.#sdkHost(client, authentication));
    const files = this.#files(authentication);
    const tls = (this.#tls = new TlsHost({ clock, gate, memory, store, changed: wake, refuse }));
    const imports = appImports({
      clock,
      gate,
      memory,
      manifest,
      files,
      osVersion,
      log,
      heap,
      pins,
      buses,
      partners: new Partners({ clock, memory, manifest, apps: realTimeApps, unseen, refuse, wake }),
      wifi,
      network: interfaces,
      power,
      events,
      certificates,
      time,
      sockets,
      socketTls: new SocketTls({ clock, gate, memory, client, files, sockets, store }),
      authentication,
      tls,
      skips: () => this.program.skips,
    });
    return { ...host.imports, ...imports };
  }

  #client(): TlsClient {
    const { cloud, allowInternet = false } = this.#options;
    return new TlsClient({
      clock: this.#clock,
      resolve: this.#resolve,
      allowInternet,
      network: this.network,
      trustRoots: cloud?.trustRoots,
    });
  }

  #sdkHost(client: TlsClient, { store }: AppAuthentication): Host {
    return createHost(this.#memory, this.#gate, {
      clock: this.#clock,
      client,
      store,
      logger: (line) => {
        if (line.file === 'runtime') this.#refuse(line.message);
        const { logger } = this.#options;
        if (logger !== undefined) this.#context.unseen.tell("the SDK's log", () => logger(line));
      },
      webSocketsByHost: false,
      networkReady: () => this.network.isReady(),
      waiting: () => undefined, // an app calls DoWork itself
    });
  }

  #files(authentication: AppAuthentication): Files {
    return new Files({
      memory: this.#memory,
      manifest: this.#context.manifest,
      files: this.#built.files,
      storage: this.#options.storage,
      kept: this.settings.mutableFiles,
      torn: (write) => this.power.torn(write),
      daaCertificate: () => authentication.certificate(),
      refuse: this.#refuse,
    });
  }

  async #link(hostImports: Readonly<Record<string, unknown>>): Promise<RunningProgram> {
    const { manifest, end } = this.#context;
    const { args = manifest.cmdArgs, watchdogMs = DEFAULT_WATCHDOG, isolate } = this.#options;
    const [gate, memory, { wasm }] = [this.#gate, this.#memory, this.#built];
    const program = {
      clock: this.#clock,
      gate,
      imports: { ...runtimeImports(memory, [manifest.entryPoint, ...args]), host: hostImports },
      waits: () => this.log.pause(),
      linked: (exports: MemoryExports) => void (this.#linked.exports = exports),
      ended: end,
      watchdogMs,
    };
    if (isolate) return IsolatedProgram.load({ ...program, wasm });
    // Sent and received, opened and closed.
    const activity = (): number => gate.activity + 2 * this.sdkHost.sockets.opened - this.sdkHost.sockets.count;
    return Program.load({ ...program, module: await loadModule(wasm), activity });
  }

  readonly #refuse = (what: string): void => this.log.note(what);

  readonly #wake = (): void => this.program.wake();
}
