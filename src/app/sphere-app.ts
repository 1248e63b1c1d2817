import type { Duplex } from 'node:stream';
import { checkArgument, checkOptions, kindOf } from '../options.js';
import { flag, oneOf, whole } from '../rules.js';
import { forgottenWalks, isMovable, realClock, type Clock } from '../clock/index.js';
import { SphereIotError } from '../errors.js';
import type { Network, Outage, OutageOptions } from '../transport/index.js';
import { beginWait, type Wait, type WaitOptions, waitOf } from '../waiting/index.js';
import { HostSignal, type Diagnostic } from '../wasm/index.js';
import { claimed } from './app-authentication.js';
import { AppDevice } from './app-device.js';
import { AppLife } from './app-life.js';
import type { AppLog } from './app-log.js';
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
import { A_BUILT_APP, checkLaunch, type LaunchOptions } from './launch-options.js';
import { readManifest, type AppManifest } from './manifest.js';
import { hasPeripheral, PeripheralNames, type PeripheralKind } from './peripherals.js';
import { expressionOf } from './pattern.js';
import { loopAt, whyEnded } from './program/crash.js';
import type { ProgramEnd } from './program/in-process-program.js';

/** By the numbers of the device's Linux. */
const SIGNALS = {
  SIGHUP: HostSignal.hup,
  SIGINT: HostSignal.int,
  SIGKILL: HostSignal.kill,
  SIGUSR1: HostSignal.usr1,
  SIGUSR2: HostSignal.usr2,
  SIGTERM: HostSignal.term,
} as const;

export type AppSignal = keyof typeof SIGNALS;

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
  /** The network around the device, whose outages a test begins. */
  readonly network: Network;
  readonly #clock: Clock;
  readonly #built: BuiltApp;
  readonly #names: PeripheralNames;
  readonly #device: AppDevice | undefined;
  /** Ours to close. */
  readonly #ownDevice: boolean;
  readonly #life: AppLife;
  readonly #log: AppLog;
  readonly #machine: AppMachine;

  private constructor(built: BuiltApp, options: LaunchOptions, manifest: AppManifest, device: AppDevice | undefined) {
    this.manifest = manifest;
    this.#clock = options.clock ?? realClock;
    this.#built = built;
    this.#names = new PeripheralNames(built.peripherals);
    this.#device = device;
    this.#ownDevice = options.device === undefined;
    const { timeout, onEnd, watchdogMs } = options;
    const life = (this.#life = new AppLife({
      clock: this.#clock,
      timeout,
      onEnd,
      lastLines: () => this.#lastLines(),
      state: () => this.#spinning(),
      isWatched: watchdogMs !== Infinity,
      crash: (end) => whyEnded(end, { ...built, lastLines: this.#lastLines() }),
    }));
    this.#machine = new AppMachine(built, options, {
      manifest,
      device,
      unseen: life.unseen,
      signal: (name) => this.#send(name),
      end: (how) => this.#onEnd(how),
    });
    this.#log = this.#machine.log;
    this.network = this.#machine.network;
    setUpWifi(this.#machine.wifi, options.wifi);
    setUpBoard(this, options.peripherals);
  }

  /**
   * Starts an app on a device. When this returns, `main` is about to be called.
   * @throws SphereIotError `ARGUMENT_INVALID`, `OPTIONS_INVALID`, `TIMEOUT_INVALID`, `MANIFEST_INVALID`, `PERIPHERAL_UNKNOWN`, `PIN_VALUE_INVALID`,
   * `WIFI_INVALID`, `HEAP_LIMIT_INVALID`, `MUTABLE_FILE_NOT_REGULAR`,
   * `WASM_INVALID`, `WASM_MISMATCH`, `DEVICE_CLOSED` (the AppDevice); what AppDevice.start throws.
   */
  static async launch(built: BuiltApp, options: LaunchOptions = {}): Promise<SphereApp> {
    checkLaunch(options);
    checkArgument('What launch is given first', built, A_BUILT_APP);
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
    return this.#life.ended;
  }

  /** The bytes that its heap has taken from the operating system. It gives nothing back. */
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
    if (this.#life.ended) this.#log.end(this.#life.why);
    return this.#life.wait(
      wait,
      this.#life.limited(found, wait).finally(() => over.abort()),
    );
  }

  /**
   * The code that it exits with: 0 to 255; 128 and the signal's number where a signal ended it that it does not handle.
   * @throws SphereIotError `APP_CRASHED`, `APP_UNRESPONSIVE`, `APP_CLOSED`; `TIMED_OUT` after the `timeout` of `launch`.
   */
  get exitCode(): Promise<number> {
    return this.#life.exitCode();
  }

  /**
   * A pin, by its number or by its name in the hardware definition.
   * @throws SphereIotError `PERIPHERAL_UNKNOWN`.
   */
  gpio(pin: number | string): Pin {
    return new Pin(this.#id('gpio', pin), String(pin), {
      pins: this.#machine.pins,
      wait: this.#life.until,
      awaited: (what, promise, signal) => this.#life.unseen.wait(what, promise, signal),
      pause: (ms) => this.#pause(ms),
      checkRuns: this.#life.checkRuns,
      checkOpen: this.#life.checkOpen,
    });
  }

  /** A bus, by its number in C or by its name in the hardware definition. Throws `PERIPHERAL_UNKNOWN`. */
  i2c(bus: number | string): I2cBus {
    return new I2cBus(this.#machine.buses.bus('i2c', this.#id('i2c', bus)), this.#life.checkOpen);
  }

  /** The same. */
  spi(bus: number | string): SpiBus {
    return new SpiBus(this.#machine.buses.bus('spi', this.#id('spi', bus)), this.#life.checkOpen);
  }

  /** The same: the other end of the wire. */
  uart(uart: number | string): Uart {
    const wake = (): void => {
      this.#life.checkRuns();
      this.#machine.program.wake();
    };
    return new Uart(this.#machine.buses.uart(this.#id('uart', uart)), wake, this.#life.until, this.#life.checkOpen);
  }

  /** The same: a converter's inputs. */
  adc(controller: number | string): Adc {
    return new Adc(this.#machine.buses, this.#id('adc', controller), this.#life.checkOpen);
  }

  /** The same: a controller's outputs. */
  pwm(controller: number | string): Pwm {
    return new Pwm(this.#machine.buses, this.#id('pwm', controller));
  }

  /** The Wi-Fi around the device. */
  get wifi(): Wifi {
    return new Wifi(this.#machine.wifi, this.#life.checkOpen);
  }

  /** A network interface: `wlan0` or `eth0`. Throws `PERIPHERAL_UNKNOWN`. */
  networkInterface(name: string): NetworkInterface {
    return new NetworkInterface(this.#machine.interfaces, name, this.#life.checkOpen);
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
    return this.#life.wait(wait, this.#outage(ms, options, wait));
  }

  async #outage(ms: number, options: OutageOptions, wait: Wait): Promise<Outage> {
    this.#life.checkRuns();
    try {
      return await this.#life.limited(this.network.outage(ms, options), wait);
    } catch (error) {
      if ((error as { code?: unknown }).code === 'OUTAGE_NEVER_STRUCK') this.#life.checkRuns();
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
    this.#life.checkRuns();
    return this.#machine.sockets.connect(port);
  }

  /**
   * Plays a server that the app connects to, by its own sockets, with curl or with the SDK; in the place of the cloud's. The
   * manifest has to list the name all the same. The bytes are those on the wire: TLS is the server's to begin.
   * @throws SphereIotError `APP_CLOSED`.
   */
  serve(name: string, port: number, server: AppServer): void {
    this.#life.checkOpen();
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
    this.#life.checkRuns();
    this.#machine.sockets.sendDatagram(port, datagram, answered);
  }

  /** Plays a server of datagrams. What it throws, `close` throws. @throws SphereIotError `APP_CLOSED`. */
  serveDatagrams(name: string, port: number, server: DatagramServer): void {
    this.#life.checkOpen();
    this.#machine.sockets.serveDatagrams(name, port, server);
  }

  /** The HTTP proxy that an app has set for the device. */
  get proxy(): ProxySettings | undefined {
    return this.#machine.settings.proxy;
  }

  /** The device's power: what the app has made of it, and its failure. */
  get power(): Power {
    return new Power(this.#machine.power, this.#life.until, this.#life.checkRuns);
  }

  /** The certificates that apps have stored on the device, by their identifiers. */
  get certificates(): ReadonlyMap<string, InstalledCertificate> {
    return this.#machine.settings.certificates;
  }

  /**
   * Has the device find a software update. An app that has registered for its events gets them; in the end the app gets SIGTERM, and
   * two seconds later SIGKILL.
   * @throws SphereIotError `UPDATE_UNDER_WAY`; `APP_ENDED`, or what else `exitCode` throws.
   */
  update(options: UpdateOptions = {}): Update {
    checkOptions(options, 'update', '{ anotherApp: true }', {
      type: oneOf('app', 'system'),
      anotherApp: flag,
      maxDeferralMinutes: whole(0),
    });
    this.#life.checkRuns();
    if (this.#machine.events.update !== undefined)
      throw new SphereIotError('UPDATE_UNDER_WAY', 'There is an update that has not been installed yet.');
    return new Update(this.#machine.events.start(options), this.#life.until, this.#life.checkOpen);
  }

  /** Has the device look for software updates, and find none. Throws `APP_ENDED`, or what else `exitCode` throws. */
  noUpdate(): void {
    this.#life.checkRuns();
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
    this.#life.checkRuns();
    this.#send(name);
  }

  #send(name: AppSignal): void {
    if (this.#life.ended) return;
    this.#life.signalled(SIGNALS[name]);
    this.#machine.program.signal(SIGNALS[name]);
  }

  /**
   * Ends it, wherever it stands, and closes what it left open. Twice is harmless.
   * @throws SphereIotError When all is closed, what the test has not seen, as it would pass otherwise: why the app crashed (`APP_CRASHED`,
   * `APP_UNRESPONSIVE`; `APP_ENDED` by a signal that nobody sent, or with an exit code other than 0 and no signal) unless `exitCode`, another wait or
   * `onEnd` has reported it;
   * `WAIT_FORGOTTEN` (nobody awaits a wait, and it has not come); `LISTENER_FAILED` (a listener, or a server that the test plays, threw:
   * `cause`); `OUTAGE_NEVER_STRUCK` of an outage that nobody ended, and `FAULT_NEVER_STRUCK` of `power.failDuringWrite` and of a bus.
   */
  close(): void {
    if (this.#life.closed) return;
    this.#finish();
    const crash = this.#machine.power.state === 'failed' ? undefined : this.#life.unseenEnd;
    const { power, buses } = this.#machine;
    const faults = [power.neverStruck(), buses.neverStruck(), ...this.network.close()];
    const errors = [crash, ...faults, ...forgottenWalks(this.#clock)];
    this.#machine.sockets.close();
    this.#life.close();
    this.#log.end(this.#life.why);
    this.#life.unseen.check(errors.filter((error) => error !== undefined));
  }

  /** For `using`. */
  [Symbol.dispose](): void {
    this.close();
  }

  #onEnd(end: ProgramEnd): void {
    this.#finish();
    this.#life.end(end);
    this.#log.end(this.#life.why);
  }

  #finish(): void {
    if (this.#life.ended) return;
    this.#life.stop();
    this.network.deviceEnds();
    this.#machine.end();
    if (this.#ownDevice) this.#device?.close();
  }

  #lastLines(): string {
    const lines = this.#log.lines.slice(-SHOWN_LINES);
    return lines.length === 0 ? 'It wrote nothing.' : `The last that it wrote:\n  ${lines.join('\n  ')}`;
  }

  #spinning(): string {
    const { spinsAt } = this.#machine.program;
    return spinsAt === undefined
      ? ''
      : `The app is in a loop that it seems never to leave, in ${loopAt(spinsAt, this.#built.sourceMap)}. `;
  }

  #pause(ms: number): Promise<void> {
    const clock = this.#clock;
    if (isMovable(clock)) return clock.advance(ms).then(() => undefined); // seen at once
    return new Promise((resolve) => clock.setTimer(ms, resolve));
  }

  #id(kind: PeripheralKind, name: number | string): number {
    const id = this.#names.idOf(kind, name);
    if (id === undefined || !(hasPeripheral(kind, id) || this.manifest[kind].includes(id)))
      throw new SphereIotError(
        'PERIPHERAL_UNKNOWN',
        `The ${typeof name === 'number' ? 'MT3620' : 'hardware definition'} has no ${kind} ${String(name)}.`,
      );
    return id;
  }
}

const nothing = (): string => '';
