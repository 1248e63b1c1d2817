import type { Duplex } from 'node:stream';
import { checkOptions, kindOf } from '../options.js';
import { flag, oneOf, whole } from '../rules.js';
import { isMovable, realClock, type Clock } from '../clock/index.js';
import { SphereIotError, messageOf } from '../errors.js';
import type { Network, Outage, OutageOptions } from '../transport/index.js';
import { beginWait, runWithin, Unseen, type Wait, type WaitOptions, waitOf } from '../waiting/index.js';
import type { Diagnostic } from '../wasm/index.js';
import { claimed } from './app-authentication.js';
import { AppDevice } from './app-device.js';
import type { AppLog } from './app-log.js';
import type { AppWait } from './app-wait.js';
import { Adc, I2cBus, Pwm, SpiBus, Uart } from './board/buses.js';
import { NetworkInterface, TimeSync } from './board/network-interface.js';
import { Pin } from './board/pin.js';
import { Power } from './board/power-supply.js';
import { setUpBoard, setUpWifi } from './board/set-up.js';
import { Update } from './board/update.js';
import { Wifi } from './board/wifi-networks.js';
import type { BuiltApp } from './build/built-app.js';
import type { InstalledCertificate, ProxySettings } from './device-settings.js';
import type { AppServer, DatagramServer } from './host/inet/index.js';
import type { UpdateOptions } from './host/system/system-events.js';
import { AppMachine } from './launch.js';
import { checkLaunch, type AppEnd, type LaunchOptions } from './launch-options.js';
import { hasPeripheral, peripheralId, readManifest, type AppManifest, type PeripheralKind } from './manifest.js';
import { expressionOf } from './pattern.js';
import { loopAt, whyEnded } from './program/crash.js';
import type { ProgramEnd } from './program/in-process-program.js';

/** Signals of the device's Linux. */
const SIGNALS = { SIGHUP: 1, SIGINT: 2, SIGKILL: 9, SIGUSR1: 10, SIGUSR2: 12, SIGTERM: 15 } as const;

export type AppSignal = keyof typeof SIGNALS;

/** What the exit code is above the number of a signal that ended the app, and the highest of those. */
const BY_SIGNAL = 128;
const LAST_SIGNAL = BY_SIGNAL + 31;

/** Lines of the log that an error shows. */
const SHOWN_LINES = 10;
/**
 * A Sphere app that runs, and the device around it. With a virtual clock, `log`, `exitCode` and the pins' waits move the
 * clock; what else is waited for goes through `clock.runUntil`. Every wait takes `WaitOptions`; `launch` has `timeout` for all.
 *
 * The app ends by itself, by a signal, or by `close`, which tests call in the end in any case: it closes what the app left open, and throws
 * what the test has not seen.
 */
export class SphereApp {
  readonly manifest: AppManifest;
  /** The network around the device, which fails when told to. */
  readonly network: Network;
  readonly #clock: Clock;
  readonly #timeout: number | undefined;
  readonly #unseen = new Unseen();
  readonly #built: BuiltApp;
  readonly #device: AppDevice | undefined;
  /** Ours to close. */
  readonly #ownDevice: boolean;
  readonly #tellEnd: ((end: AppEnd) => void) | undefined;
  readonly #log: AppLog;
  readonly #machine: AppMachine;
  #end!: { readonly promise: Promise<number>; resolve(code: number): void; reject(error: unknown): void };
  #ended = false;
  #isClosed = false;
  /** The test has been told of its end. */
  #isEndSeen = false;
  #exitCode: number | undefined;
  /** The signals that it was sent. */
  readonly #signals = new Set<number>();
  /** Told of its end. */
  readonly #waits = new Set<() => void>();
  /** What those get who wait for more, once it has ended. */
  #why: unknown;

  private constructor(built: BuiltApp, options: LaunchOptions, manifest: AppManifest, device: AppDevice | undefined) {
    this.manifest = manifest;
    this.#clock = options.clock ?? realClock;
    this.#timeout = options.timeout;
    this.#built = built;
    this.#device = device;
    this.#ownDevice = options.device === undefined;
    this.#tellEnd = options.onEnd;
    const end = (told: ProgramEnd): void => this.#onEnd(told);
    this.#machine = new AppMachine(built, options, {
      manifest,
      device,
      unseen: this.#unseen,
      signal: (name) => this.#send(name),
      end,
    });
    this.#log = this.#machine.log;
    this.network = this.#machine.network;
    setUpWifi(this.#machine.wifi, options.wifi);
    setUpBoard(this, options.peripherals);
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
   * `WASM_INVALID`, `WASM_MISMATCH`, `DEVICE_CLOSED` (the AppDevice); what AppDevice.start throws.
   */
  static async launch(built: BuiltApp, options: LaunchOptions = {}): Promise<SphereApp> {
    checkLaunch(options);
    options.device?.checkOpen();
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
      await app.#machine.load();
    } catch (error) {
      app.close();
      throw error;
    }
    app.#machine.program.start();
    return app;
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
    return this.#machine.heap.peak;
  }

  /** Why connections and registrations failed. */
  get diagnostics(): readonly Diagnostic[] {
    return this.#machine.sdkHost.diagnostics.list;
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
    return beginWait(() => this.#find(pattern, options));
  }

  #find(pattern: RegExp | string, options?: WaitOptions): Promise<RegExpExecArray> {
    const wait = waitOf(options, `a line with ${String(pattern)}`, nothing);
    const expression = expressionOf(pattern, "log('ready') or log(/ready/)");
    const over = new AbortController();
    const found = this.#log.find(expression, over.signal);
    if (this.#ended) this.#log.end(this.#why);
    return this.#seen(
      wait,
      this.#limited(found, wait).finally(() => over.abort()),
    );
  }

  /**
   * The code that it exits with: 0 to 255; 128 and the signal's number where a signal ended it that it does not handle.
   * @throws SphereIotError `APP_CRASHED`, `APP_UNRESPONSIVE`, `APP_CLOSED`; `TIMED_OUT` after the `timeout` of `launch`.
   */
  get exitCode(): Promise<number> {
    const wait = { what: 'the exit', last: nothing };
    const exit = this.#limited(this.#end.promise, wait);
    exit.then(
      () => (this.#isEndSeen = true),
      () => undefined,
    );
    return this.#seen(wait, exit);
  }

  /**
   * A pin, by its number or by its name in the hardware definition.
   * @throws SphereIotError `PERIPHERAL_UNKNOWN`.
   */
  gpio(pin: number | string): Pin {
    return new Pin(this.#id('gpio', pin), String(pin), {
      pins: this.#machine.pins,
      wait: this.#until,
      pause: (ms) => this.#pause(ms),
      checkRuns: this.#checkRuns,
      checkOpen: this.#checkOpen,
    });
  }

  /** A bus, by its number in C or by its name in the hardware definition. Throws `PERIPHERAL_UNKNOWN`. */
  i2c(bus: number | string): I2cBus {
    return new I2cBus(this.#machine.buses.bus('i2c', this.#id('i2c', bus)));
  }

  /** The same. */
  spi(bus: number | string): SpiBus {
    return new SpiBus(this.#machine.buses.bus('spi', this.#id('spi', bus)));
  }

  /** The same: the other end of the wire. */
  uart(uart: number | string): Uart {
    const wake = (): void => {
      this.#checkRuns();
      this.#machine.program.wake();
    };
    return new Uart(this.#machine.buses.uart(this.#id('uart', uart)), wake, this.#until, this.#checkOpen);
  }

  /** The same: a converter's inputs. */
  adc(controller: number | string): Adc {
    return new Adc(this.#machine.buses, this.#id('adc', controller));
  }

  /** The same: a controller's outputs. */
  pwm(controller: number | string): Pwm {
    return new Pwm(this.#machine.buses, this.#id('pwm', controller));
  }

  /** The Wi-Fi around the device. */
  get wifi(): Wifi {
    return new Wifi(this.#machine.wifi);
  }

  /** A network interface: `wlan0` or `eth0`. Throws `PERIPHERAL_UNKNOWN`. */
  networkInterface(name: string): NetworkInterface {
    return new NetworkInterface(this.#machine.interfaces, name);
  }

  /**
   * Has the device's network fail for `ms` milliseconds, in which a virtual clock moves on: for all that the app does alike.
   * `network.outage` does the same without moving the clock.
   * @throws SphereIotError `OUTAGE_NEVER_STRUCK`, `OUTAGE_INVALID`; `APP_ENDED`, or what else `exitCode` throws, where the app has ended
   * before it, or ends in it before it has struck.
   */
  outage(ms: number, options: OutageOptions = {}): Promise<Outage> {
    // It ends by itself.
    const wait = { what: 'the end of an outage', last: nothing, timeout: Infinity };
    return this.#seen(wait, this.#outage(ms, options, wait));
  }

  async #outage(ms: number, options: OutageOptions, wait: Wait): Promise<Outage> {
    this.#checkRuns();
    try {
      return await this.#limited(this.network.outage(ms, options), wait);
    } catch (error) {
      if ((error as { code?: unknown }).code === 'OUTAGE_NEVER_STRUCK') this.#checkRuns();
      throw error;
    }
  }

  /** How the device keeps its time. */
  get timeSync(): TimeSync {
    return new TimeSync(this.#clock, this.#machine.interfaces, this.#machine.time, this.#machine.settings);
  }

  /**
   * Connects to a TCP port on which the app listens. The stream is the caller's to close.
   * @throws SphereIotError `PORT_CLOSED`; `APP_ENDED`, or what else `exitCode` throws.
   */
  connect(port: number): Duplex {
    this.#checkRuns();
    return this.#machine.sockets.connect(port);
  }

  /**
   * Plays a server that the app connects to, by its own sockets, with curl or with the SDK; in the place of the cloud's. The
   * manifest has to list the name all the same. The bytes are those on the wire: TLS is the server's to begin.
   * @throws SphereIotError `APP_CLOSED`.
   */
  serve(name: string, port: number, server: AppServer): void {
    this.#checkOpen();
    this.#machine.sockets.serve(name, port, server);
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
    this.#machine.sockets.sendDatagram(port, datagram, answered);
  }

  /** Plays a server of datagrams. What it throws, `close` throws. @throws SphereIotError `APP_CLOSED`. */
  serveDatagrams(name: string, port: number, server: DatagramServer): void {
    this.#checkOpen();
    this.#machine.sockets.serveDatagrams(name, port, server);
  }

  /** The HTTP proxy that an app has set for the device. */
  get proxy(): ProxySettings | undefined {
    return this.#machine.settings.proxy;
  }

  /** The device's power: what the app has made of it, and its failure. */
  get power(): Power {
    return new Power(this.#machine.power, this.#until, this.#checkRuns);
  }

  /** The certificates that apps have stored on the device, by their identifiers. */
  get certificates(): ReadonlyMap<string, InstalledCertificate> {
    return this.#machine.settings.certificates;
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
    if (this.#machine.events.update !== undefined)
      throw new SphereIotError('UPDATE_UNDER_WAY', 'There is an update that has not been installed yet.');
    return new Update(this.#machine.events.start(options), this.#until, this.#checkOpen);
  }

  /** Has the device look for software updates, and find none. Throws `APP_ENDED`, or what else `exitCode` throws. */
  noUpdate(): void {
    this.#checkRuns();
    this.#machine.events.nothingAvailable();
  }

  /**
   * Sends a signal: its handler runs when the app goes on, or is where it waits interrupted.
   * @throws SphereIotError `SIGNAL_INVALID`; `APP_ENDED`, or what else `exitCode` throws, where the app has ended.
   */
  signal(name: AppSignal): void {
    if (typeof name !== 'string' || !Object.hasOwn(SIGNALS, name))
      throw new SphereIotError(
        'SIGNAL_INVALID',
        `A signal is one of ${Object.keys(SIGNALS).join(', ')}; not ${typeof name === 'string' ? name : kindOf(name)}.`,
      );
    this.#checkRuns();
    this.#send(name);
  }

  #send(name: AppSignal): void {
    if (this.#ended) return;
    this.#signals.add(SIGNALS[name]);
    this.#machine.program.signal(SIGNALS[name]);
  }

  /**
   * Ends it, wherever it stands, and closes what it left open. Twice is harmless.
   * @throws SphereIotError When all is closed, what the test has not seen, as it would pass otherwise: why the app crashed (`APP_CRASHED`,
   * `APP_UNRESPONSIVE`; `APP_ENDED` by a signal that nobody sent) unless `exitCode`, another wait or `onEnd` has told of it;
   * `WAIT_FORGOTTEN` (nobody awaits a wait, and it has not come); `LISTENER_FAILED` (a listener, or a server that the test plays, threw:
   * `cause`); `OUTAGE_NEVER_STRUCK` of an outage that nobody ended, and `FAULT_NEVER_STRUCK` of `power.failDuringWrite`.
   */
  close(): void {
    if (this.#isClosed) return;
    this.#finish();
    const errors = [this.#unseenEnd(), this.#machine.power.neverStruck(), ...this.network.close()];
    this.#machine.sockets.close();
    this.#isClosed = true;
    const before = this.#why;
    this.#why = new SphereIotError(
      'APP_CLOSED',
      before === undefined
        ? 'The app was closed before it came to its end.'
        : `The app is closed. Before that: ${messageOf(before)}`,
      { cause: before },
    );
    this.#end.reject(this.#why);
    this.#log.end(this.#why);
    this.#waits.forEach((tell) => tell());
    this.#unseen.check(errors.filter((error) => error !== undefined));
  }

  /** Why it came to an end that no test wants, where nobody was told of it. */
  #unseenEnd(): unknown {
    if (this.#why === undefined || this.#isEndSeen || this.#machine.power.state === 'failed') return undefined;
    const code = this.#exitCode;
    const isByItself =
      code !== undefined && (code <= BY_SIGNAL || code > LAST_SIGNAL || this.#signals.has(code - BY_SIGNAL));
    return isByItself ? undefined : this.#why;
  }

  #onEnd(end: ProgramEnd): void {
    this.#finish();
    setImmediate(this.#clock.hold('the end of an app'));
    if ('code' in end) {
      this.#exitCode = end.code;
      this.#why = new SphereIotError('APP_ENDED', `The app has ended with exit code ${end.code}. ${this.#lastLines()}`);
      this.#end.resolve(end.code);
    } else {
      this.#why = whyEnded(end, { ...this.#built, lastLines: this.#lastLines() });
      this.#end.reject(this.#why);
    }
    this.#log.end(this.#why);
    this.#waits.forEach((tell) => tell());
    const told = this.#tellEnd;
    if (told === undefined) return;
    this.#isEndSeen = true;
    const how = 'code' in end ? { code: end.code } : { error: this.#why };
    this.#unseen.tell('its end', () => told(how));
  }

  #finish(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.network.deviceEnds();
    this.#machine.end();
    if (this.#ownDevice) this.#device?.close();
  }

  #lastLines(): string {
    const lines = this.#log.lines.slice(-SHOWN_LINES);
    return lines.length === 0 ? 'It wrote nothing.' : `The last that it wrote:\n  ${lines.join('\n  ')}`;
  }

  /** Throws why the app has ended, where it has. */
  readonly #checkRuns = (): void => {
    if (!this.#ended) return;
    this.#isEndSeen = true;
    throw this.#why;
  };

  readonly #checkOpen = (): void => {
    if (this.#isClosed) throw this.#why;
  };

  /** A wait, for its caller. */
  #seen<T>({ what, signal }: Wait, result: Promise<T>): Promise<T> {
    return this.#unseen.wait(what, result, signal);
  }

  /** Waits for what only an app that runs can bring: its end is the wait's, too. */
  readonly #until: AppWait = (promise, wait, done) => {
    const over = new AbortController();
    const limited = this.#limited(Promise.race([promise, this.#gone(wait, over.signal)]), wait);
    return this.#seen(
      wait,
      limited.finally(() => {
        over.abort();
        done?.();
      }),
    );
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
    const result = runWithin(this.#clock, { ...wait, timeout: wait.timeout ?? this.#timeout, last }, promise);
    // Its error tells of the end.
    result.catch(() => (this.#isEndSeen ||= this.#ended));
    return result;
  }

  #spinning(): string {
    const { spinsAt } = this.#machine.program;
    return spinsAt === undefined
      ? ''
      : `The app is in a loop that it seems never to leave, in ${loopAt(spinsAt, this.#built.sourceMap)}. `;
  }

  #pause(ms: number): Promise<void> {
    const clock = this.#clock;
    if (isMovable(clock)) return clock.advance(ms);
    return new Promise((resolve) => clock.setTimer(ms, resolve));
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
