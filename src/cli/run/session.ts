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
import { realClock, VirtualClock, type Clock } from '../../clock/index.js';
import type { LocalAzure, HubDevice, MethodResult } from '../../emulator/index.js';
import { messageOf, SphereIotError } from '../../errors.js';
import { hubsOf, startSurroundings, type Surroundings } from '../app-cloud.js';
import { AttestationSwitch, type AttestedDevice } from './attestation-switch.js';
import { watchCloud } from './cloud-side.js';
import { Happenings, type Kind } from './happenings.js';
import { Inbox } from './inbox.js';
import { Names } from './names.js';
import { NetworkSwitch } from './network-switch.js';
import { GRACE, Waits } from './waits.js';

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
  readonly waits: Waits;
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
    this.happenings = new Happenings(() => clock.now());
    this.waits = new Waits({
      clock,
      virtualClock: this.virtualClock,
      happenings: this.happenings,
      hasEnded: () => this.#end !== undefined,
    });
    this.#network = new NetworkSwitch(this.waits, this.happenings, () => clock.now());
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

  /**
   * The device that the app runs on.
   * @throws SphereIotError `NO_DEVICE` where the manifest has no DeviceAuthentication.
   */
  get authentication(): AttestedDevice {
    if (this.#attested === undefined)
      throw new SphereIotError('NO_DEVICE', "The app's manifest has no DeviceAuthentication: nothing is attested.");
    return this.#attested;
  }

  /** Why something did not come: how the app has ended before. */
  endedBefore(what: string): SphereIotError {
    const end = this.#end;
    if (end === undefined || 'code' in end)
      return new SphereIotError('APP_ENDED', `The app ended with exit code ${end?.code ?? 0} before ${what}.`);
    const code = codeOf(end.error) ?? 'APP_CRASHED';
    return new SphereIotError(code, `The app ended before ${what}. ${messageOf(end.error)}`, { cause: end.error });
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

  /** Takes the network away, for some clock ms or for good, or gives it back. Throws `NETWORK_CLOSED`. */
  setNetwork(up: boolean, forMs?: number): void {
    this.#network.set(up, this.line, forMs);
  }

  /**
   * @throws SphereIotError `OUTAGE_NEVER_STRUCK`, `ATTESTATION_NEVER_REFUSED`: a script that asked for a fault, and passes without it,
   * would say nothing.
   */
  checkFaultsStruck(): void {
    this.#network.checkStruck();
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
    if (await this.waits.waitFor(() => this.#end !== undefined, GRACE)) return;
    this.happenings.add({ type: 'signal', signal: 'SIGKILL' });
    this.#app.signal('SIGKILL');
    if (await this.waits.waitFor(() => this.#end !== undefined, GRACE)) return;
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
    this.waits.close();
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
