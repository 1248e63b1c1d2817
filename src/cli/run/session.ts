import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { defined } from '../../defined.js';
import {
  readManifest,
  SphereApp,
  type AppEnd,
  type AppManifest,
  type BuiltApp,
  type LaunchOptions,
} from '../../app/index.js';
import type { AttestationRefusal } from '../../certificates/index.js';
import { realClock, VirtualClock, type Clock, type Timer } from '../../clock/index.js';
import type { LocalAzure, HubDevice, JsonObject, MethodResult } from '../../emulator/index.js';
import { messageOf, SphereIotError } from '../../errors.js';
import { hubsOf, startSurroundings, type Surroundings } from '../app-cloud.js';
import { AttestationSwitch, type AttestedDevice } from './attestation-switch.js';
import { watchCloud } from './cloud-side.js';
import { Happenings, type Kind } from './happenings.js';
import { Inbox } from './inbox.js';
import { Names } from './names.js';
import { NetworkSwitch } from './network-switch.js';

/** For how long an app may go on after SIGTERM, and its expectations after its end; clock ms. */
const GRACE = 2_000;
/** For how long a command waits until the device is in a hub and connected; clock ms. */
const CONNECT_LIMIT = 60_000;
/** For how long a device that is connected may take to subscribe; clock ms. */
const SUBSCRIBE_LIMIT = 10_000;

export interface SessionOptions extends Pick<LaunchOptions, 'args' | 'storage' | 'heapLimit' | 'watchdogMs'> {
  /** Whether time moves only when a command moves it. */
  readonly virtual: boolean;
  /** What is shown in the beginning. */
  readonly shown: ReadonlySet<Kind>;
}

/** What an app's `close` tells of, and a session itself tells of, with the line of the script. */
const TOLD_HERE: ReadonlySet<string> = new Set([
  'APP_CRASHED',
  'APP_ENDED',
  'APP_UNRESPONSIVE',
  'FAULT_NEVER_STRUCK',
  'OUTAGE_NEVER_STRUCK',
]);

/**
 * An app that runs, its device, and services of this process that know the device: what the commands of `run` act on. Close it.
 */
export class Session {
  readonly names: Names;
  readonly happenings: Happenings;
  readonly inbox: Inbox;
  /** What is shown. */
  readonly shown: Set<Kind>;
  /** The last answer of each method. */
  readonly answers = new Map<string, MethodResult>();
  /** The line of a script that is carried out, with its file and number: what a fault that it asks for is called by. */
  line = '';
  /** Gets what the app writes as it comes: parts of lines, too. */
  onLogText: (text: string) => void = () => undefined;
  /** Undefined: time is the machine's. */
  readonly virtualClock: VirtualClock | undefined;
  readonly #clock: Clock;
  readonly #built: BuiltApp;
  readonly #options: SessionOptions;
  readonly #manifest: AppManifest;
  readonly #hubs: readonly string[];
  readonly #levels: Record<string, 0 | 1> = {};
  #cloud!: LocalAzure;
  #attested: Surroundings['attested'];
  /** A folder that ends with the session. */
  #ownStorage: string | undefined;
  #app!: SphereApp;
  #end: AppEnd | undefined;
  #restarting = false;
  #wasConnected = false;
  /** Whether a command has ended the app, or expected its exit. */
  #endExpected = false;
  readonly #network: NetworkSwitch;
  readonly #attestation = new AttestationSwitch();
  /** Changes the network back. */
  #networkTimer: Timer | undefined;
  /** The line of a script after which the network is to go away in a while; undefined: it is not. */
  #lossToCome: string | undefined;
  /** What was set, and has perhaps fired. */
  readonly #timers = new Set<Timer>();
  #over!: () => void;
  /** Resolves when the app has ended and is not launched again. */
  readonly over = new Promise<void>((resolve) => (this.#over = resolve));

  private constructor(built: BuiltApp, options: SessionOptions) {
    this.#built = built;
    this.#options = options;
    this.shown = new Set(options.shown);
    this.virtualClock = options.virtual ? new VirtualClock() : undefined;
    const clock = this.virtualClock ?? realClock;
    this.#clock = clock;
    this.#manifest = readManifest(built.manifest, built.peripherals);
    this.#hubs = hubsOf(this.#manifest);
    this.names = new Names(built);
    this.#network = new NetworkSwitch(() => clock.now());
    this.happenings = new Happenings(() => clock.now());
    this.inbox = new Inbox(this.happenings);
  }

  /**
   * Starts services and launches the app; the app begins to run.
   * @param prepare Is given the session before the app is launched: to listen.
   * @throws SphereIotError what LocalAzure.start, Catalog.create and SphereApp.launch throw.
   */
  static async start(
    built: BuiltApp,
    options: SessionOptions,
    prepare: (session: Session) => void = () => undefined,
  ): Promise<Session> {
    const session = new Session(built, options);
    try {
      await session.#startCloud();
      prepare(session);
      await session.#launch();
      return session;
    } catch (error) {
      await session.close();
      throw error;
    }
  }

  get app(): SphereApp {
    return this.#app;
  }

  /** How the app has ended; undefined: it runs. */
  get end(): AppEnd | undefined {
    return this.#end;
  }

  /** Whether the app has ended, and no command ended it or expected that. */
  get hasEndedUnexpectedly(): boolean {
    return this.#end !== undefined && ('error' in this.#end || !this.#endExpected);
  }

  /** Whether the app has ended with this exit code, which was expected then. */
  takeExit(code: number): boolean {
    if (this.#end === undefined || !('code' in this.#end) || this.#end.code !== code) return false;
    this.#endExpected = true;
    return true;
  }

  /** Clock ms. */
  get now(): number {
    return this.#clock.now();
  }

  get isNetworkUp(): boolean {
    return this.#network.isUp;
  }

  /** Whether its hub has this app connected. While the network is away, that may not have noticed yet. */
  get isConnected(): boolean {
    return this.wasConnected && this.#network.isUp && (this.hubDevice?.isConnected ?? false);
  }

  /** Whether a hub had it connected since the app was launched. */
  get wasConnected(): boolean {
    return this.#wasConnected;
  }

  /** The device in the hub that knows it; undefined: none does yet. */
  get hubDevice(): HubDevice | undefined {
    for (const name of this.#hubNames) {
      const hub = this.#cloud.hub(name);
      const ids = hub.devices.list().map(({ deviceId }) => deviceId);
      // One with another certificate than its DAA's may have any id.
      const id =
        ids.find((each) => each === this.#attested?.device.deviceId) ?? (ids.length === 1 ? ids[0] : undefined);
      if (id !== undefined) return hub.device(id);
    }
    return undefined;
  }

  /** The same, once a hub knows it. Throws `DEVICE_NOT_FOUND`. */
  async knownDevice(): Promise<HubDevice> {
    if (await this.waitFor(() => this.hubDevice !== undefined, CONNECT_LIMIT)) return this.hubDevice as HubDevice;
    throw new SphereIotError(
      'DEVICE_NOT_FOUND',
      `No hub knows the device after ${CONNECT_LIMIT / 1000} s: the app has not been provisioned.`,
    );
  }

  /**
   * The device that the app runs on.
   * @throws SphereIotError `NO_DEVICE` where the manifest has no DeviceAuthentication.
   */
  get authentication(): AttestedDevice {
    if (this.#attested === undefined)
      throw new SphereIotError('NO_DEVICE', "The app's manifest has no DeviceAuthentication: nothing is attested.");
    return this.#attested;
  }

  /**
   * Calls a method once the device takes methods. Throws what HubDevice.invokeMethod throws; `DEVICE_NOT_FOUND`; what the app crashed with,
   * and `APP_ENDED`.
   */
  async invokeMethod(name: string, payload: unknown): Promise<MethodResult> {
    const device = await this.knownDevice();
    const over = new AbortController();
    const stop = this.#afterEnd(() => over.abort(this.#endedBefore(`it answered the method ${name}`)));
    const invoked = device.invokeMethod(name, payload, { connectTimeout: CONNECT_LIMIT, signal: over.signal });
    const result = await this.#run(invoked)
      .catch((error: unknown) => {
        // The session is over: the services are closed before the answer could be missed.
        throw this.#end !== undefined && codeOf(error) === 'EMULATOR_CLOSED'
          ? this.#endedBefore(`it answered the method ${name}`)
          : error;
      })
      .finally(() => stop());
    this.answers.set(name, result);
    this.happenings.add({ type: 'method', name, ...result });
    return result;
  }

  /**
   * Changes desired properties. A device that has just connected is waited for, as it would not be told before it has subscribed; one
   * that is not connected sees them when it gets its twin.
   * @throws SphereIotError what HubDevice.updateDesired throws, and `DEVICE_NOT_FOUND`.
   */
  async updateDesired(patch: JsonObject): Promise<void> {
    const device = await this.knownDevice();
    if (device.isConnected) await this.#within(device.subscribedToDesiredProperties(), SUBSCRIBE_LIMIT);
    device.updateDesired(patch);
  }

  /**
   * Waits until `check` holds: it is asked now, and after each happening.
   * @param limitMs Clock ms.
   * @returns Whether it came to hold. Once the app has ended, only what is under way is waited for.
   */
  async waitFor(check: () => boolean, limitMs: number): Promise<boolean> {
    let met = check();
    if (met) return true;
    let stop = (): void => undefined;
    const over = new Promise<void>((resolve) => {
      const unlisten = this.happenings.listen(() => {
        met ||= check(); // which may take what it finds: not twice
        if (met) resolve();
      });
      const stopGrace = this.#afterEnd(resolve);
      stop = () => (unlisten(), stopGrace());
    });
    await this.#within(over, limitMs).finally(() => stop());
    // eslint-disable-next-line @typescript-eslint/no-unnecessary-condition -- the listener sets it
    return met || check();
  }

  /** Calls back once the app has ended and what was under way then has come; returns what keeps it from that. */
  #afterEnd(act: () => void): () => void {
    let grace: Timer | undefined;
    const look = (): void => {
      if (this.#end !== undefined) grace ??= this.#after(GRACE, act);
    };
    const unlisten = this.happenings.listen(look);
    look();
    return () => (unlisten(), grace?.cancel());
  }

  #endedBefore(what: string): SphereIotError {
    const end = this.#end;
    if (end === undefined || 'code' in end)
      return new SphereIotError('APP_ENDED', `The app ended with exit code ${end?.code ?? 0} before ${what}.`);
    const code = codeOf(end.error) ?? 'APP_CRASHED';
    return new SphereIotError(code, `The app ended before ${what}. ${messageOf(end.error)}`, { cause: end.error });
  }

  /** Lets time pass, in clock ms. */
  async pass(ms: number): Promise<void> {
    if (this.virtualClock !== undefined) return this.virtualClock.advance(ms);
    await new Promise<void>((resolve) => void this.#after(ms, resolve));
  }

  /** Puts a level on a pin, also of the app that `restart` launches. */
  setPin(id: number, value: 0 | 1): void {
    this.#levels[String(id)] = value;
    this.#app.gpio(id).set(value);
  }

  /** Has the device get no DAA certificate from now on. Throws `NO_DEVICE`. */
  refuseAttestation(refusal: AttestationRefusal | undefined): void {
    this.#attestation.refuse(this.authentication, refusal, this.line);
  }

  /**
   * Has the device ask for a new DAA certificate now. Throws what DeviceAuthentication's `renew` does.
   * @returns Why it got none, where that was asked for.
   */
  async renewAttestation(): Promise<string | undefined> {
    try {
      await this.authentication.device.authentication.renew();
      return undefined;
    } catch (error) {
      if (!this.#attestation.isOn) throw error;
      return messageOf(error);
    }
  }

  /** Takes that back. Throws `NO_DEVICE`. */
  acceptAttestation(): void {
    this.#attestation.accept(this.authentication);
  }

  /** Takes the network away, for some clock ms or for good, or gives it back: the one place where `run` does. */
  setNetwork(up: boolean, forMs?: number, line = this.line): void {
    if (this.#network.isUp !== up) this.happenings.add({ type: 'network', up });
    this.#network.set(up, line);
    this.#lossToCome = up && forMs !== undefined ? line : undefined;
    this.#networkTimer?.cancel();
    this.#networkTimer =
      forMs === undefined ? undefined : this.#after(forMs, () => this.setNetwork(!up, undefined, line));
  }

  /**
   * @throws SphereIotError `OUTAGE_NEVER_STRUCK`, `ATTESTATION_NEVER_REFUSED`: a script that asked for a fault, and passes without it,
   * would say nothing.
   */
  checkFaultsStruck(): void {
    const { vain } = this.#network;
    if (vain !== undefined)
      throw new SphereIotError(
        'OUTAGE_NEVER_STRUCK',
        `The network was down from ${new Date(vain.since).toISOString()} on, and that struck nothing: the app looked nothing up, connected, ` +
          'sent and received nothing meanwhile. Let it last longer, or have the app do something meanwhile. ' +
          `The line that asked for it: ${vain.line}`,
      );
    if (this.#lossToCome !== undefined)
      throw new SphereIotError(
        'OUTAGE_NEVER_STRUCK',
        `The network was to go down later, and the script has ended before. The line that asked for it: ${this.#lossToCome}`,
      );
    this.#attestation.checkStruck();
  }

  /** Tells the app to end. */
  signalEnd(): void {
    if (this.#end !== undefined) return;
    this.#endExpected = true;
    this.happenings.add({ type: 'signal', signal: 'SIGTERM' });
    this.#app.signal('SIGTERM');
  }

  /** Ends the app as a device does: SIGTERM, and two seconds later SIGKILL. */
  async terminate(): Promise<void> {
    this.signalEnd();
    if (await this.waitFor(() => this.#end !== undefined, GRACE)) return;
    this.happenings.add({ type: 'signal', signal: 'SIGKILL' });
    this.#app.signal('SIGKILL');
    if (await this.waitFor(() => this.#end !== undefined, GRACE)) return;
    throw new SphereIotError('APP_NOT_ENDED', 'The app does not end by SIGKILL: it is in a loop that calls nothing.');
  }

  /** Gives the app up, wherever it stands. */
  abandon(): void {
    this.#end ??= { error: new SphereIotError('INTERRUPTED', 'Interrupted.') };
    this.#over();
  }

  /** Ends the app, and launches it again on the same device. What came before does not count any more. */
  async restart(): Promise<void> {
    this.#restarting = true;
    this.inbox.skip();
    try {
      await this.terminate();
      this.#closeApp();
      this.answers.clear(); // those are of the app before
      await this.#launch();
    } finally {
      this.#restarting = false;
      if (this.#end !== undefined) this.#over();
    }
  }

  /** Closes app, device and services. */
  async close(): Promise<void> {
    for (const timer of this.#timers) timer.cancel();
    this.#closeApp();
    // Whether it has struck, the script has said.
    if (this.#attested !== undefined) this.#attestation.accept(this.#attested);
    this.#attested?.device.close();
    await (this.#cloud as LocalAzure | undefined)?.close();
    if (this.#ownStorage !== undefined) await rm(this.#ownStorage, { recursive: true, force: true });
  }

  #closeApp(): void {
    try {
      (this.#app as SphereApp | undefined)?.close();
    } catch (error) {
      if (!TOLD_HERE.has(String(codeOf(error)))) throw error;
    }
  }

  get #hubNames(): readonly (string | undefined)[] {
    return this.#hubs.length === 0 ? [undefined] : this.#hubs;
  }

  /** A timer that `close` cancels. */
  #after(ms: number, act: () => void): Timer {
    const timer = this.#clock.setTimer(ms, () => {
      this.#timers.delete(timer);
      act();
    });
    this.#timers.add(timer);
    const cancel = (): void => {
      this.#timers.delete(timer);
      timer.cancel();
    };
    return { cancel };
  }

  /** Waits for a promise, `limitMs` of the clock at most. */
  async #within(promise: Promise<unknown>, limitMs: number): Promise<void> {
    let timer: Timer | undefined;
    const limit = new Promise<void>((resolve) => (timer = this.#after(limitMs, resolve)));
    await this.#run(Promise.race([promise, limit])).finally(() => timer?.cancel());
  }

  /** Waits for a promise, while the clock runs: the one place where `run` waits for anything. */
  #run<T>(promise: Promise<T>): Promise<T> {
    return this.virtualClock === undefined ? promise : this.virtualClock.runUntil(promise, Infinity);
  }

  async #startCloud(): Promise<void> {
    const { args } = this.#options;
    const { cloud, attested } = await startSurroundings(this.#manifest, { clock: this.#clock, args });
    this.#cloud = cloud;
    this.#attested = attested;
    // What an app stores stays with its device: for one that has none, with this run.
    if (attested === undefined && this.#options.storage === undefined)
      this.#ownStorage = await mkdtemp(path.join(tmpdir(), 'sphere-iot-run-'));
    // Before its happening: a wait for that looks whether it is so.
    cloud.onEvent((event) => {
      if (event.service === 'hub' && event.type === 'connected') this.#wasConnected = true;
    });
    watchCloud(cloud, this.#hubs, this.happenings);
  }

  async #launch(): Promise<void> {
    const { virtual: _, shown: __, ...options } = this.#options;
    this.#end = undefined;
    this.#endExpected = false;
    this.#wasConnected = false;
    this.#app = await SphereApp.launch(this.#built, {
      ...options,
      ...defined({ storage: this.#ownStorage }),
      clock: this.#clock,
      cloud: this.#cloud,
      device: this.#attested?.device,
      // Node has to go on whatever the app does; a virtual clock stands still while it runs.
      isolate: this.virtualClock === undefined,
      peripherals: { gpio: this.#levels },
      onLogText: (text) => this.onLogText(text),
      onLog: (line) => this.happenings.add({ type: 'log', line }),
      onEnd: (end) => this.#ended(end),
    });
    this.#network.use(this.#app.network);
    this.#watchBoard();
  }

  #watchBoard(): void {
    for (const { id, name } of this.names.pins)
      this.#app.gpio(id).watch((value) => this.happenings.add({ type: 'pin', pin: name, value }));
    for (const { id, name } of this.names.uarts) {
      let read = 0;
      this.#app.uart(id).watch((received) => {
        const text = received.subarray(read).toString();
        read = received.length;
        this.happenings.add({ type: 'uart', uart: name, text });
      });
    }
  }

  #ended(end: AppEnd): void {
    this.#end = end;
    const { heapPeak } = this.#app;
    if ('code' in end) this.happenings.add({ type: 'exit', code: end.code, heapPeak });
    else {
      const code = end.error instanceof SphereIotError ? end.error.code : 'APP_CRASHED';
      this.happenings.add({ type: 'crash', code, message: messageOf(end.error) });
    }
    if (!this.#restarting) this.#over();
  }
}

function codeOf(error: unknown): SphereIotError['code'] | undefined {
  return error instanceof SphereIotError ? error.code : undefined;
}
