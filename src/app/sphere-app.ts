import type { Duplex } from 'node:stream';
import { checkOptions } from '../options.js';
import { flag, oneOf, whole } from '../rules.js';
import { isMovable, realClock, type Clock } from '../clock/index.js';
import { SphereIotError, messageOf } from '../errors.js';
import { Network, TlsClient, type Endpoint, type Outage, type OutageOptions } from '../transport/index.js';
import { runWithin, type Wait, type WaitOptions, waitOf } from '../waiting/index.js';
import { createHost, Gate, loadModule, Memory, type Diagnostic, type Host, type MemoryExports } from '../wasm/index.js';
import type { AppWait } from './app-wait.js';
import { Adc, I2cBus, Pwm, SpiBus, Uart } from './board/buses.js';
import type { BuiltApp } from './build/built-app.js';
import { loopAt, whyEnded } from './program/crash.js';
import { authenticationOf, claimed } from './app-authentication.js';
import { AppDevice } from './app-device.js';
import { CertificateHost, type InstalledCertificate } from './host/system/certificates.js';
import { appImports } from './host/index.js';
import { Files } from './host/files/index.js';
import { Pins } from './host/peripherals/gpio.js';
import { Heap } from './host/app/heap.js';
import { NetworkHost, type ProxySettings } from './host/network.js';
import { runtimeImports } from './program/runtime.js';
import { IsolatedProgram } from './program/isolated-program.js';
import { AppLog } from './app-log.js';
import { Partners } from './host/app/partners.js';
import { PeripheralHost } from './host/peripherals/index.js';
import { PowerHost } from './host/system/power.js';
import { SystemEvents, type UpdateOptions } from './host/system/system-events.js';
import { SystemTime } from './host/system/system-time.js';
import { TlsHost } from './host/tls/index.js';
import { notAllowed, permissions } from './host/permissions.js';
import { NetworkSockets, type AppServer, type DatagramServer } from './host/inet/index.js';
import { SocketTls } from './host/tls/socket-tls.js';
import { WifiHost } from './host/wifi.js';
import { hasPeripheral, peripheralId, readManifest, type AppManifest, type PeripheralKind } from './manifest.js';
import { checkLaunch, type AppEnd, type BoardOptions, type LaunchOptions, type WifiOptions } from './launch-options.js';
import { NetworkInterface, TimeSync } from './board/network-interface.js';
import { expressionOf } from './pattern.js';
import { Pin } from './board/pin.js';
import { Power } from './board/power-supply.js';
import { Update } from './board/update.js';
import { DeviceSettings } from './device-settings.js';
import { Wifi } from './board/wifi-networks.js';
import { Program, type ProgramEnd, type RunningProgram } from './program/in-process-program.js';

/** Signals of the device's Linux. */
const SIGNALS = { SIGHUP: 1, SIGINT: 2, SIGKILL: 9, SIGUSR1: 10, SIGUSR2: 12, SIGTERM: 15 } as const;

export type AppSignal = keyof typeof SIGNALS;

/** Lines of the log that an error shows. */
const SHOWN_LINES = 10;
/** One of the last. */
const DEFAULT_OS_VERSION = '24.06';

/** For how long an app may run without a wait: milliseconds of real time. */
const DEFAULT_WATCHDOG = 10_000;

/**
 * A Sphere app that runs, and the device around it. With a virtual clock, `log`, `exitCode` and the pins' waits move the
 * clock; what else is waited for goes through `clock.runUntil`. Every wait takes `WaitOptions`; `launch` has `timeout` for all.
 *
 * The app ends by itself, by a signal, or by `close`, which tests call in the end in any case: it closes what the app left open.
 */
export class SphereApp {
  readonly manifest: AppManifest;
  /** The network around the device, which fails when told to. */
  readonly network: Network;
  readonly #clock: Clock;
  readonly #timeout: number | undefined;
  readonly #log: AppLog;
  readonly #memory: Memory;
  readonly #linked: { exports?: MemoryExports } = {};
  readonly #heap: Heap;
  readonly #pins: Pins;
  readonly #buses: PeripheralHost;
  readonly #settings: DeviceSettings;
  readonly #network: NetworkHost;
  readonly #power: PowerHost;
  readonly #events: SystemEvents;
  readonly #certificates: CertificateHost;
  readonly #time: SystemTime;
  readonly #wifi: WifiHost;
  readonly #sockets: NetworkSockets;
  readonly #gate = new Gate();
  readonly #built: BuiltApp;
  readonly #device: AppDevice | undefined;
  /** Ours to close. */
  readonly #ownDevice: boolean;
  readonly #tellEnd: ((end: AppEnd) => void) | undefined;
  #program!: RunningProgram;
  #host!: Host;
  #tls!: TlsHost;
  #end!: { readonly promise: Promise<number>; resolve(code: number): void; reject(error: unknown): void };
  #ended = false;
  /** Told of its end. */
  readonly #waits = new Set<() => void>();
  /** What those get who wait for more, once it has ended. */
  #why: unknown;

  private constructor(built: BuiltApp, options: LaunchOptions, manifest: AppManifest, device: AppDevice | undefined) {
    this.manifest = manifest;
    this.#clock = options.clock ?? realClock;
    this.#timeout = options.timeout;
    this.#log = new AppLog(this.#clock, { onLine: options.onLog, onText: options.onLogText });
    this.#built = built;
    this.#heap = new Heap(options.heapLimit, (what) => this.#log.note(what));
    this.#pins = new Pins(this.#clock, manifest, (what) => this.#log.note(what));
    this.#memory = new Memory(() => this.#linked.exports as MemoryExports);
    this.#buses = new PeripheralHost({
      clock: this.#clock,
      memory: this.#memory,
      manifest,
      refuse: (what) => this.#log.note(what),
    });
    this.#device = device;
    this.#ownDevice = options.device === undefined;
    this.#tellEnd = options.onEnd;
    this.#settings = device?.settings ?? new DeviceSettings();
    const { networkReady } = options;
    this.network = new Network({ clock: this.#clock, ready: () => this.#network.ready });
    const host = {
      clock: this.#clock,
      memory: this.#memory,
      settings: this.#settings,
      permits: permissions(manifest, (what) => this.#log.note(what)),
      networkReady: () => this.network.isLinked && networkReady?.() !== false,
    };
    this.#network = new NetworkHost({ ...host, asked: () => void this.network.isReady() });
    this.#power = new PowerHost({ ...host, signal: (name) => this.signal(name) });
    this.#certificates = new CertificateHost(host);
    this.#time = new SystemTime({ ...host, synchronised: () => this.#network.lastSync !== undefined });
    this.#events = new SystemEvents({
      ...host,
      wake: () => this.#program.wake(),
      endApp: () => this.#power.endApp(),
    });
    this.#wifi = new WifiHost({ ...host, enabled: () => this.#network.settings('wlan0')?.enabled === true });
    this.#sockets = new NetworkSockets({
      ...host,
      gate: this.#gate,
      manifest,
      resolve: (name, port) => this.#resolve(options, name, port),
      allowInternet: options.allowInternet ?? false,
      network: this.network,
      changed: () => this.#program.wake(),
      refuse: (what) => this.#log.note(what),
    });
    this.#setUp(options.peripherals ?? {}, options.wifi ?? {});
    this.#network.wifi = this.#wifi;
    let resolve!: (code: number) => void;
    let reject!: (error: unknown) => void;
    const promise = new Promise<number>((resolved, rejected) => {
      resolve = resolved;
      reject = rejected;
    });
    promise.catch(() => undefined); // nobody has to ask
    this.#end = { promise, resolve, reject };
  }

  /**
   * Starts an app on a device. When this returns, `main` is about to be called.
   * @throws SphereIotError `OPTIONS_INVALID`, `TIMEOUT_INVALID`, `MANIFEST_INVALID`, `PERIPHERAL_UNKNOWN`, `PIN_VALUE_INVALID`,
   * `WIFI_INVALID`, `HEAP_LIMIT_INVALID`, `MUTABLE_FILE_NOT_REGULAR`,
   * `WASM_INVALID`, `WASM_MISMATCH`; what AppDevice.start throws.
   */
  static async launch(built: BuiltApp, options: LaunchOptions = {}): Promise<SphereApp> {
    checkLaunch(options);
    const wanted = readManifest(options.manifest ?? built.manifest, built.peripherals);
    const { catalog, clock = realClock, deviceId } = options;
    const device = options.device ?? (catalog && (await AppDevice.start({ catalog, clock, deviceId })));
    const manifest = claimed(wanted, device);
    let app: SphereApp;
    try {
      app = new SphereApp(built, options, manifest, device);
    } catch (error) {
      if (options.device === undefined) device?.close();
      throw error;
    }
    if (manifest !== wanted)
      app.#log.note(
        `The manifest's DeviceAuthentication is a placeholder: the device is claimed by the catalog ${manifest.deviceAuthentication}.`,
      );
    try {
      await app.#load(built, options);
    } catch (error) {
      app.close();
      throw error;
    }
    app.#program.start();
    return app;
  }

  async #load(built: BuiltApp, options: LaunchOptions): Promise<void> {
    const { manifest } = this;
    const clock = this.#clock;
    const memory = this.#memory;
    const gate = this.#gate;
    const { allowInternet = false } = options;
    const resolve = (name: string, port: number): Endpoint | undefined => this.#resolve(options, name, port);
    const refuse = (what: string): void => this.#log.note(what);
    const authentication = authenticationOf(manifest, this.#device, refuse);
    const { store } = authentication;
    const client = new TlsClient({
      clock,
      resolve,
      allowInternet,
      network: this.network,
      ...(options.cloud === undefined ? {} : { trustRoots: options.cloud.trustRoots }),
    });
    this.#host = createHost(memory, gate, {
      clock,
      client,
      store,
      logger: (line) => {
        if (line.file === 'runtime') refuse(line.message);
        options.logger?.(line);
      },
      webSocketsByHost: false,
      networkReady: () => this.network.isReady(),
    });
    const files = new Files({
      memory,
      manifest,
      files: built.files,
      storage: options.storage,
      kept: this.#settings.mutableFiles,
      torn: (write) => this.#power.torn(write),
      daaCertificate: () => authentication.certificate(),
      refuse,
    });
    this.#tls = new TlsHost({ clock, gate, memory, store, changed: () => this.#program.wake(), refuse });
    const imports = appImports({
      clock,
      gate,
      memory,
      manifest,
      files,
      osVersion: options.osVersion ?? DEFAULT_OS_VERSION,
      log: this.#log,
      heap: this.#heap,
      pins: this.#pins,
      buses: this.#buses,
      partners: new Partners({
        clock,
        memory,
        manifest,
        apps: options.realTimeApps ?? {},
        refuse,
        wake: () => this.#program.wake(),
      }),
      wifi: this.#wifi,
      network: this.#network,
      power: this.#power,
      events: this.#events,
      certificates: this.#certificates,
      time: this.#time,
      sockets: this.#sockets,
      socketTls: new SocketTls({ clock, gate, memory, client, files, sockets: this.#sockets, store }),
      authentication,
      tls: this.#tls,
      skips: () => this.#program.skips,
    });
    const program = {
      clock,
      gate,
      imports: {
        ...runtimeImports(memory, [manifest.entryPoint, ...(options.args ?? manifest.cmdArgs)]),
        host: { ...this.#host.imports, ...imports },
      },
      waits: () => this.#log.pause(),
      ended: (end: ProgramEnd) => this.#onEnd(end),
      watchdogMs: options.watchdogMs ?? DEFAULT_WATCHDOG,
    };
    const linked = (exports: MemoryExports): void => void (this.#linked.exports = exports);
    if (options.isolate) {
      this.#program = await IsolatedProgram.load({ ...program, linked, wasm: built.wasm });
      return;
    }
    this.#program = await Program.load({
      ...program,
      linked,
      module: await loadModule(built.wasm),
      // Sent and received, opened and closed.
      activity: () => gate.activity + 2 * this.#host.sockets.opened - this.#host.sockets.count,
    });
  }

  /** Where a connection leads, if the manifest allows it. */
  #resolve({ cloud, allowInternet = false }: LaunchOptions, name: string, port: number): Endpoint | undefined {
    const refused = notAllowed(this.manifest, name);
    if (refused !== undefined) throw refused;
    const endpoint = this.#sockets.endpoint(name, port) ?? cloud?.resolve(name, port);
    if (endpoint === undefined && cloud === undefined && !allowInternet)
      throw new SphereIotError(
        'ENDPOINT_NOT_MAPPED',
        `${name}:${port} can't be reached: launch the app with a cloud, or play its server with serve.`,
      );
    return endpoint;
  }

  /** The id of the device that it runs on. Throws `NO_DEVICE` where it was launched without one. */
  get deviceId(): string {
    if (this.#device === undefined)
      throw new SphereIotError(
        'NO_DEVICE',
        'The app was launched without a device: give launch a catalog or a device.',
      );
    return this.#device.deviceId;
  }

  /**
   * What it has written, the newest 10,000 lines at least. The last line may have no end yet. Lines of ours begin with
   * `[sphere-iot]`; they never divide a line of the app.
   */
  get lines(): readonly string[] {
    return this.#log.lines;
  }

  /** Whether it has come to its end. */
  get ended(): boolean {
    return this.#ended;
  }

  /** How large its heap has become, in bytes: what it has taken from the operating system. It gives nothing back. */
  get heapPeak(): number {
    return this.#heap.peak;
  }

  /** Why connections and registrations failed. */
  get diagnostics(): readonly Diagnostic[] {
    return this.#host.diagnostics.list;
  }

  /**
   * Waits for a line of its log; each call looks after the line that the last one found, so that calls in the order of the
   * log find one line each. A line that has no end yet, as a prompt, is looked at as soon as the app waits; the next call
   * then looks at the rest of the line.
   * @param pattern A text is looked for as it is.
   * @throws SphereIotError `TIMED_OUT` with what the app wrote last, also where no timer is left on a virtual clock; `APP_ENDED`,
   * `APP_CRASHED`, `APP_UNRESPONSIVE`, `APP_CLOSED`, `TIMEOUT_INVALID`, `PREDICATE_INVALID`.
   */
  log(pattern: RegExp | string, options?: WaitOptions): Promise<RegExpExecArray> {
    const wait = waitOf(options, `a line with ${String(pattern)}`, nothing);
    const expression = expressionOf(pattern, "log('ready') or log(/ready/)");
    const over = new AbortController();
    const found = this.#log.find(expression, over.signal);
    if (this.#ended) this.#log.end(this.#why);
    return this.#limited(found, wait).finally(() => over.abort());
  }

  /**
   * The code that it exits with: 0 to 255; 128 and the signal's number where a signal ended it that it does not handle.
   * @throws SphereIotError `APP_CRASHED`, `APP_UNRESPONSIVE`, `APP_CLOSED`; `TIMED_OUT` after the `timeout` of `launch`.
   */
  get exitCode(): Promise<number> {
    return this.#limited(this.#end.promise, { what: 'the exit', last: nothing });
  }

  /**
   * A pin, by its number or by its name in the hardware definition.
   * @throws SphereIotError `PERIPHERAL_UNKNOWN`.
   */
  gpio(pin: number | string): Pin {
    return new Pin(this.#id('gpio', pin), String(pin), {
      pins: this.#pins,
      wait: this.#until,
      pause: (ms) => this.#pause(ms),
      checkRuns: this.#checkRuns,
    });
  }

  /** A bus, by its number in C or by its name in the hardware definition. Throws `PERIPHERAL_UNKNOWN`. */
  i2c(bus: number | string): I2cBus {
    return new I2cBus(this.#buses.bus('i2c', this.#id('i2c', bus)));
  }

  /** The same. */
  spi(bus: number | string): SpiBus {
    return new SpiBus(this.#buses.bus('spi', this.#id('spi', bus)));
  }

  /** The same: the other end of the wire. */
  uart(uart: number | string): Uart {
    const wake = (): void => {
      this.#checkRuns();
      this.#program.wake();
    };
    return new Uart(this.#buses.uart(this.#id('uart', uart)), wake, this.#until);
  }

  /** The same: a converter's inputs. */
  adc(controller: number | string): Adc {
    return new Adc(this.#buses, this.#id('adc', controller));
  }

  /** The same: a controller's outputs. */
  pwm(controller: number | string): Pwm {
    return new Pwm(this.#buses, this.#id('pwm', controller));
  }

  /** The Wi-Fi around the device. */
  get wifi(): Wifi {
    return new Wifi(this.#wifi);
  }

  /** A network interface: `wlan0` or `eth0`. Throws `PERIPHERAL_UNKNOWN`. */
  networkInterface(name: string): NetworkInterface {
    return new NetworkInterface(this.#network, name);
  }

  /**
   * Has the device's network fail for `ms` milliseconds, in which a virtual clock moves on: for all that the app does alike.
   * `network.outage` does the same without moving the clock.
   * @throws SphereIotError `OUTAGE_NEVER_STRUCK`, `OUTAGE_INVALID`; `APP_ENDED`, or what else `exitCode` throws, where the app has ended
   * before it, or ends in it before it has struck.
   */
  async outage(ms: number, options: OutageOptions = {}): Promise<Outage> {
    this.#checkRuns();
    // It ends by itself, and an app that ends of it has been struck.
    const wait = { what: 'the end of an outage', last: nothing, timeout: Infinity };
    try {
      return await this.#limited(this.network.outage(ms, options), wait);
    } catch (error) {
      if ((error as { code?: unknown }).code === 'OUTAGE_NEVER_STRUCK') this.#checkRuns();
      throw error;
    }
  }

  /** How the device keeps its time. */
  get timeSync(): TimeSync {
    return new TimeSync(this.#clock, this.#network, this.#time, this.#settings);
  }

  /**
   * Connects to a TCP port on which the app listens. The stream is the caller's to close.
   * @throws SphereIotError `PORT_CLOSED`; `APP_ENDED`, or what else `exitCode` throws.
   */
  connect(port: number): Duplex {
    this.#checkRuns();
    return this.#sockets.connect(port);
  }

  /**
   * Plays a server that the app connects to, by its own sockets, with curl or with the SDK; in the place of the cloud's. The
   * manifest has to list the name all the same. The bytes are those on the wire: TLS is the server's to begin.
   */
  serve(name: string, port: number, server: AppServer): void {
    this.#sockets.serve(name, port, server);
  }

  /**
   * Sends a datagram to a UDP port of the app.
   * @param answered Gets what the app sends back.
   * @throws SphereIotError `PORT_CLOSED`; `APP_ENDED`, or what else `exitCode` throws.
   */
  sendDatagram(
    port: number,
    datagram: string | Uint8Array,
    answered: (answer: Buffer) => void = () => undefined,
  ): void {
    this.#checkRuns();
    this.#sockets.sendDatagram(port, datagram, answered);
  }

  /** Plays a server of datagrams. */
  serveDatagrams(name: string, port: number, server: DatagramServer): void {
    this.#sockets.serveDatagrams(name, port, server);
  }

  /** The HTTP proxy that an app has set for the device. */
  get proxy(): ProxySettings | undefined {
    return this.#settings.proxy;
  }

  /** The device's power: what the app has made of it, and its failure. */
  get power(): Power {
    return new Power(this.#power, this.#until, this.#checkRuns);
  }

  /** The certificates that apps have stored on the device, by their identifiers. */
  get certificates(): ReadonlyMap<string, InstalledCertificate> {
    return this.#settings.certificates;
  }

  /**
   * Has the device find a software update. It tells the app where that has registered for it; in the end the app gets SIGTERM,
   * and two seconds later SIGKILL.
   * @throws SphereIotError `UPDATE_UNDER_WAY`; `APP_ENDED`, or what else `exitCode` throws.
   */
  update(options: UpdateOptions = {}): Update {
    checkOptions(options, 'update', '{ anotherApp: true }', {
      type: oneOf('app', 'system'),
      anotherApp: flag,
      maxDeferralMinutes: whole(0),
    });
    this.#checkRuns();
    if (this.#events.update !== undefined)
      throw new SphereIotError('UPDATE_UNDER_WAY', 'There is an update that has not been installed yet.');
    return new Update(this.#events.start(options), this.#until);
  }

  /** Has the device look for software updates, and find none. Throws `APP_ENDED`, or what else `exitCode` throws. */
  noUpdate(): void {
    this.#checkRuns();
    this.#events.nothingAvailable();
  }

  /** Sends a signal: its handler runs when the app goes on, or is where it waits interrupted. */
  signal(name: AppSignal): void {
    if (this.#ended) return;
    this.#program.signal(SIGNALS[name]);
  }

  /** Ends it, wherever it stands, and closes what it left open. Twice is harmless. */
  close(): void {
    this.#finish();
    this.network.close();
    this.#sockets.close();
    this.#why ??= new SphereIotError('APP_CLOSED', 'The app was closed before it came to its end.');
    this.#end.reject(this.#why);
    this.#log.end(this.#why);
    this.#waits.forEach((tell) => tell());
  }

  #onEnd(end: ProgramEnd): void {
    this.#finish();
    setImmediate(this.#clock.hold('the end of an app'));
    if ('code' in end) {
      this.#why = new SphereIotError('APP_ENDED', `The app has ended with exit code ${end.code}. ${this.#lastLines()}`);
      this.#end.resolve(end.code);
    } else {
      this.#why = whyEnded(end, { ...this.#built, lastLines: this.#lastLines() });
      this.#end.reject(this.#why);
    }
    this.#log.end(this.#why);
    this.#waits.forEach((tell) => tell());
    this.#tellEnd?.('code' in end ? { code: end.code } : { error: this.#why });
  }

  #finish(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#log.flush();
    this.#power.close();
    this.#events.close();
    (this.#program as RunningProgram | undefined)?.close();
    (this.#host as Host | undefined)?.sockets.close();
    this.#sockets.end();
    (this.#tls as TlsHost | undefined)?.close();
    if (this.#ownDevice) this.#device?.close();
  }

  #lastLines(): string {
    const lines = this.#log.lines.slice(-SHOWN_LINES);
    return lines.length === 0 ? 'It wrote nothing.' : `The last that it wrote:\n  ${lines.join('\n  ')}`;
  }

  /** Throws why the app has ended, where it has. */
  readonly #checkRuns = (): void => {
    if (this.#ended) throw this.#why;
  };

  /** Waits for what only an app that runs can bring: its end is the wait's, too. */
  readonly #until: AppWait = (promise, wait) => {
    const over = new AbortController();
    return this.#limited(Promise.race([promise, this.#gone(wait, over.signal)]), wait).finally(() => over.abort());
  };

  /** Rejects once the app has ended, and what its end has brought has been told. */
  #gone({ what, last }: Wait, signal: AbortSignal): Promise<never> {
    const gone = new Promise<never>((_, reject) => {
      const tell = (): void => {
        const release = this.#clock.hold('the end of an app');
        setImmediate(() => {
          release();
          const why = this.#why;
          const message = (): string => `Waited for ${what}, in vain. ${last()} ${messageOf(why)}`.replace('  ', ' ');
          reject(why instanceof SphereIotError ? new SphereIotError(why.code, message(), { cause: why }) : why);
        });
      };
      if (this.#ended) return tell();
      this.#waits.add(tell);
      signal.addEventListener('abort', () => this.#waits.delete(tell));
    });
    gone.catch(() => undefined);
    return gone;
  }

  #limited<T>(promise: Promise<T>, wait: Wait): Promise<T> {
    const last = (): string =>
      [wait.last(), this.#ended ? messageOf(this.#why) : `${this.#spinning()}${this.#lastLines()}`].join(' ').trim();
    return runWithin(this.#clock, { ...wait, timeout: wait.timeout ?? this.#timeout, last }, promise);
  }

  #spinning(): string {
    const { spinsAt } = this.#program;
    return spinsAt === undefined
      ? ''
      : `The app is in a loop that it seems never to leave, in ${loopAt(spinsAt, this.#built.sourceMap)}. `;
  }

  #pause(ms: number): Promise<void> {
    const clock = this.#clock;
    if (isMovable(clock)) return clock.advance(ms);
    return new Promise((resolve) => clock.setTimer(ms, resolve));
  }

  /** What is on the board, and in the air, when the app starts. */
  #setUp({ gpio = {}, i2c = {}, spi = {}, adc = {} }: BoardOptions, { accessPoints, stored }: WifiOptions): void {
    if (accessPoints !== undefined) this.#wifi.points = accessPoints;
    if (stored !== undefined) this.#wifi.store(stored);
    for (const [pin, value] of Object.entries(gpio)) this.gpio(named(pin)).set(value);
    for (const [bus, devices] of Object.entries(i2c)) {
      const attached = this.i2c(named(bus));
      for (const [address, device] of Object.entries(devices)) attached.attach(Number(address), device);
    }
    for (const [bus, device] of Object.entries(spi)) this.spi(named(bus)).attach(device);
    for (const [controller, channels] of Object.entries(adc)) {
      const converter = this.adc(named(controller));
      for (const [channel, volts] of Object.entries(channels)) converter.set(Number(channel), volts);
    }
  }

  #id(kind: PeripheralKind, name: number | string): number {
    const id = peripheralId(kind, name, this.#built.peripherals);
    if (id === undefined || !(hasPeripheral(kind, id) || this.manifest[kind].includes(id)))
      throw new SphereIotError(
        'PERIPHERAL_UNKNOWN',
        `The ${typeof name === 'number' ? 'MT3620' : 'hardware definition'} has no ${kind} ${String(name)}.`,
      );
    return id;
  }
}

const nothing = (): string => '';

/** The names of an object's fields are texts, also where they are numbers. */
function named(name: string): number | string {
  return /^\d+$/.test(name) ? Number(name) : name;
}
