import { defined } from '../../defined.js';
import { checkOptions, kindOf, type Rules } from '../../options.js';
import { milliseconds } from '../../rules.js';
import type { Clock } from '../../clock/index.js';
import { counted } from '../../counted.js';
import { SphereIotError } from '../../errors.js';
import { Cursor, WAIT_RULES, within, type WaitOptions, waitOf } from '../../waiting/index.js';
import type { Lifetime } from '../lifetime.js';
import { emulatorClosed } from '../observe/emulator-closed.js';
import { forWhich, holds, shortened } from '../observe/shortened.js';
import { newMessage, type C2dDelivery, type C2dOutcome, type QueuedMessage } from './c2d-message.js';
import type { DeviceIdentity } from './device-registry.js';
import type { DeviceState } from './device-state.js';
import type { FileUpload } from './file-uploads.js';
import type { MethodResult } from './method-calls.js';
import type { Telemetry } from './telemetry.js';
import { DESIRED_UPDATES, desiredUpdateTopic, METHODS, methodTopic } from './hub-topics.js';
import type { TwinSnapshot } from './twin.js';
import { differenceOf, type JsonObject } from './twin-properties.js';
import { C2D_RULES, type C2dOptions } from './c2d-options.js';

const DEFAULT_METHOD_TIMEOUT = 30_000;
const MAX_METHOD_PAYLOAD_BYTES = 128 * 1024;
/** Printable ASCII of a method's name (protocol.md#twins-and-methods), without what would change the topic's meaning. */
const METHOD_NAME = /^[A-Za-z0-9\-._~!@$%^&*()=:;,'"|<>[\]{}]{1,128}$/;

export interface InvokeOptions extends WaitOptions {
  /** How long to wait for the answer, clock ms. Default 30 000, as the service does. */
  readonly timeout?: number | undefined;
  /** How long to wait until the device is connected and subscribed to methods, clock ms. Default 0. */
  readonly connectTimeout?: number | undefined;
}

export const INVOKE_RULES: Rules<InvokeOptions> = { ...WAIT_RULES, connectTimeout: milliseconds };

/** @internal What a device, as seen from the cloud, asks of its hub. */
export interface HubDeviceContext {
  readonly clock: Clock;
  readonly lifetime: Lifetime;
  /** Throws if it is missing. */
  readonly identity: () => DeviceIdentity;
  /** Throws where the hub has never had the device. */
  readonly checkKnown: () => void;
  /** What happened last at the services, to it above all, in whole sentences. */
  readonly last: () => string;
}

/** @internal */
export interface DeviceActivity {
  readonly isConnected: boolean;
  /** When it connected or disconnected last. */
  readonly connectionChangedAt: number | undefined;
  /** When it connected, or sent something, last. */
  readonly lastActivityAt: number | undefined;
  /** Cloud-to-device messages in its queue. */
  readonly waitingMessages: number;
}

/**
 * A device, as seen from the cloud: what tests and back ends do with it. It exists before the device does, so that one
 * can wait for a device that DPS will create. Waiting is on the hub's own state; on a virtual clock, give the promise to
 * `clock.runUntil`. Every wait takes `WaitOptions`, and rejects with `TIMED_OUT` at its limit, and with `EMULATOR_CLOSED`
 * when the emulator is closed. One that nobody awaits has `LocalAzure.close` reject with `WAIT_FORGOTTEN`, unless it came.
 *
 * What has come of a device (`receivedTelemetry`, `uploads`, `twin`) is asked of one that the hub has, or has had: of another one it
 * throws `DEVICE_NOT_FOUND`.
 */
export class HubDevice {
  readonly deviceId: string;
  readonly #state: DeviceState;
  readonly #context: HubDeviceContext;
  readonly #telemetry: Cursor<Telemetry>;
  readonly #uploads: Cursor<FileUpload>;

  /** @internal */
  constructor(state: DeviceState, context: HubDeviceContext) {
    this.deviceId = state.deviceId;
    this.#state = state;
    this.#context = context;
    this.#telemetry = new Cursor(state.telemetry, state.watch);
    this.#uploads = new Cursor(state.uploads, state.watch);
  }

  /** False also for a device that the hub does not have yet. */
  get isConnected(): boolean {
    return this.#state.link !== undefined;
  }

  /** Resolves once the device is connected, at once if it is. */
  connected(options?: WaitOptions): Promise<void> {
    return this.#met('to connect', () => this.isConnected, options);
  }

  /** Resolves once the device is not connected, at once if it is not. Throws `DEVICE_NOT_FOUND` where the hub has never had it. */
  disconnected(options?: WaitOptions): Promise<void> {
    this.#context.checkKnown();
    return this.#met('to disconnect', () => !this.isConnected, options);
  }

  /**
   * Resolves once the device is connected and has subscribed to desired property updates, at once if it is and has: from then
   * on it is told of what `updateDesired` and `replaceDesired` change.
   */
  subscribedToDesiredProperties(options?: WaitOptions): Promise<void> {
    const subscribed = (): boolean => this.isConnected && this.#state.subscriptions.has(DESIRED_UPDATES);
    return this.#met('to subscribe to desired properties', subscribed, options);
  }

  /**
   * Closes the device's connection from the hub's side, as the service does now and then; it may connect again.
   * @throws SphereIotError `DEVICE_NOT_FOUND`; `DEVICE_NOT_ONLINE` where it is not connected: nothing would come of it; `EMULATOR_CLOSED`.
   */
  disconnect(): void {
    this.#checkOpen();
    this.#context.checkKnown();
    const { link } = this.#state;
    if (link === undefined)
      throw new SphereIotError(
        'DEVICE_NOT_ONLINE',
        `${this.deviceId} can't be disconnected: it is not connected. ${this.#context.last()}`,
      );
    link.close('the service closed it');
  }

  /**
   * Every message from the first that the device ever sent, then each new one: listening late loses nothing. Each
   * call begins anew. The hub keeps the newest 100 000 of a device unless told otherwise (`telemetryLimit`), and 128 MiB of all. Ends when
   * the emulator is closed.
   * @param options For each message: with `timeout: Infinity` it listens for as long as the emulator is there.
   * @throws SphereIotError `TIMED_OUT`.
   */
  async *telemetry(options?: WaitOptions): AsyncGenerator<Telemetry, void, undefined> {
    const cursor = new Cursor(this.#state.telemetry, this.#state.watch);
    const next = (signal: AbortSignal): Promise<Telemetry> => cursor.next(() => true, signal);
    for (;;) {
      const telemetry = await this.#limited(`telemetry from ${this.deviceId}`, options, next).catch(endedByClose);
      if (telemetry === undefined) return;
      yield telemetry;
    }
  }

  /** The messages that are there already, oldest first. @throws SphereIotError `DEVICE_NOT_FOUND`. */
  receivedTelemetry(): readonly Telemetry[] {
    this.#context.checkKnown();
    return this.#state.telemetry.all();
  }

  /**
   * The next message for which `predicate` holds, after the one that the call before returned: a message that came
   * before the call is not lost, and none is returned twice. Those that don't fit are skipped.
   * @throws SphereIotError `TIMED_OUT`, `EMULATOR_CLOSED`; `PREDICATE_INVALID`; what `predicate` throws.
   */
  nextTelemetry(predicate?: (telemetry: Telemetry) => boolean, options?: WaitOptions): Promise<Telemetry> {
    const what = `telemetry from ${this.deviceId}${forWhich(predicate)}`;
    return this.#within(what, options, (signal) => this.#telemetry.next(fits(predicate), signal));
  }

  /** The file uploads that the device said are over, well or not, oldest first: the newest 100. @throws SphereIotError `DEVICE_NOT_FOUND`. */
  uploads(): readonly FileUpload[] {
    this.#context.checkKnown();
    return this.#state.uploads.all();
  }

  /**
   * The next file upload that the device says is over and for which `predicate` holds, as `nextTelemetry` does it.
   * Whether it went well is `isSuccess`.
   * @throws SphereIotError `TIMED_OUT`, `EMULATOR_CLOSED`; `PREDICATE_INVALID`; what `predicate` throws.
   */
  nextUpload(predicate?: (upload: FileUpload) => boolean, options?: WaitOptions): Promise<FileUpload> {
    const what = `a file upload from ${this.deviceId}${forWhich(predicate)}`;
    return this.#within(what, options, (signal) => this.#uploads.next(fits(predicate), signal));
  }

  /**
   * Calls a direct method and waits for the device's answer.
   * @param payload JSON; undefined is an empty body (protocol.md#hub-topics).
   * @throws SphereIotError `DEVICE_NOT_FOUND`; `METHOD_NAME_INVALID`, `METHOD_PAYLOAD_INVALID`; `DEVICE_NOT_ONLINE`
   * (the service's 404103: not connected, or not subscribed to methods, after `connectTimeout`); `TIMED_OUT` (no answer);
   * `METHOD_RESPONSE_NOT_JSON`; `METHOD_THROTTLED` (429001, by a fault only); `EMULATOR_CLOSED`.
   */
  async invokeMethod(name: string, payload?: unknown, options: InvokeOptions = {}): Promise<MethodResult> {
    checkOptions(options, 'invokeMethod', '{ connectTimeout: 5000 }', INVOKE_RULES);
    this.#checkOpen();
    this.#context.identity();
    if (typeof name !== 'string' || !METHOD_NAME.test(name))
      throw new SphereIotError(
        'METHOD_NAME_INVALID',
        `${typeof name === 'string' ? JSON.stringify(name) : kindOf(name)} is no method name: printable ASCII, no / # ? +.`,
      );
    const body = methodBody(name, payload);
    await this.#online(name, options);
    const { faults } = this.#state;
    if (faults.take('refusedMethod'))
      throw new SphereIotError(
        'METHOD_THROTTLED',
        `429001: the method ${name} of ${this.deviceId} was refused by a fault.`,
      );
    const send = (requestId: string): void => {
      if (faults.take('lostMethod') === undefined) this.#state.send(METHODS, methodTopic(name, requestId), body);
    };
    const wait = { timeout: options.timeout ?? DEFAULT_METHOD_TIMEOUT, signal: options.signal };
    const what = `${this.deviceId} to answer the method ${name}`;
    return this.#within(what, wait, (signal) => this.#state.methods.start(send, signal));
  }

  /**
   * Puts a cloud-to-device message into the device's queue (protocol.md#cloud-to-device). A device that is connected and subscribed gets
   * it at once, another one when it is; it stays until the device acknowledges it, it expires, or it is purged.
   * @param body UTF-8 where it is text.
   * @returns The message, to see or to wait for how it ends.
   * @throws SphereIotError `DEVICE_NOT_FOUND`; `DEVICE_MAXIMUM_QUEUE_DEPTH_EXCEEDED` (the service's 403004: 50 wait
   * already); `C2D_MESSAGE_TOO_LARGE`, `C2D_EXPIRY_INVALID`, `CONTENT_INVALID`; `EMULATOR_CLOSED`.
   */
  sendC2D(body: string | Uint8Array, options: C2dOptions = {}): C2dDelivery {
    checkOptions(options, 'sendC2D', '{ ttlMs: 60_000 }', C2D_RULES);
    this.#checkOpen();
    const message = newMessage(this.#context.identity(), body, options, this.#context.clock.now());
    this.#state.c2d.add(message);
    return this.#delivery(message);
  }

  /** Removes every cloud-to-device message from the queue; returns how many there were. @throws SphereIotError `DEVICE_NOT_FOUND`, `EMULATOR_CLOSED`. */
  purge(): number {
    this.#checkOpen();
    this.#context.checkKnown();
    return this.#state.c2d.purge('the queue was purged');
  }

  /**
   * Changes desired properties: null deletes, objects merge. A device that is connected and subscribed is told of the
   * patch; another one sees it when it gets its twin (protocol.md#hub-topics).
   * @returns The new version of the desired properties.
   * @throws SphereIotError `DEVICE_NOT_FOUND`, `TWIN_PATCH_INVALID`, `EMULATOR_CLOSED`.
   */
  updateDesired(patch: JsonObject): number {
    this.#checkOpen();
    this.#context.identity();
    const version = this.#state.twin.patchDesired(patch);
    this.#state.send(DESIRED_UPDATES, desiredUpdateTopic(version), JSON.stringify({ ...patch, $version: version }));
    this.#state.watch.changed();
    return version;
  }

  /**
   * Replaces all desired properties. A device that is connected and subscribed gets the patch that leads there, with
   * null for what is gone.
   * @returns The new version of the desired properties.
   * @throws SphereIotError `DEVICE_NOT_FOUND`, `TWIN_PATCH_INVALID`, `EMULATOR_CLOSED`.
   */
  replaceDesired(content: JsonObject): number {
    this.#checkOpen();
    this.#context.identity();
    const before = this.twin.desired;
    const version = this.#state.twin.replaceDesired(content);
    const patch = { ...differenceOf(before, content), $version: version };
    this.#state.send(DESIRED_UPDATES, desiredUpdateTopic(version), JSON.stringify(patch));
    this.#state.watch.changed();
    return version;
  }

  /** Changes tags, which the device can't see. @throws SphereIotError `DEVICE_NOT_FOUND`, `TWIN_PATCH_INVALID`, `EMULATOR_CLOSED`. */
  updateTags(patch: JsonObject): void {
    this.#checkOpen();
    this.#context.identity();
    this.#state.twin.patchTags(patch);
    this.#state.watch.changed();
  }

  /** Replaces all tags. @throws SphereIotError `DEVICE_NOT_FOUND`, `TWIN_PATCH_INVALID`, `EMULATOR_CLOSED`. */
  replaceTags(content: JsonObject): void {
    this.#checkOpen();
    this.#context.identity();
    this.#state.twin.replaceTags(content);
    this.#state.watch.changed();
  }

  /** @internal What the registry tells of it: times in clock ms, since the emulator started. */
  get activity(): DeviceActivity {
    const { link, connectionChangedAt, lastActivityAt, c2d } = this.#state;
    return { isConnected: link !== undefined, connectionChangedAt, lastActivityAt, waitingMessages: c2d.length };
  }

  /** The twin now: a copy. @throws SphereIotError `DEVICE_NOT_FOUND`. */
  get twin(): TwinSnapshot {
    this.#context.checkKnown();
    return this.#state.twin.snapshot();
  }

  /**
   * Resolves with all reported properties once the device has reported something and `predicate` holds for them, at
   * once if that is so already.
   * @throws SphereIotError `TIMED_OUT`, `EMULATOR_CLOSED`; `PREDICATE_INVALID`; what `predicate` throws.
   */
  reported(predicate?: (reported: JsonObject) => boolean, options?: WaitOptions): Promise<JsonObject> {
    const here = (): JsonObject | undefined => {
      if (!this.#state.hasReported) return undefined;
      const { reported } = this.#state.twin.snapshot();
      return fits(predicate)(reported) ? reported : undefined;
    };
    const what = `reported properties of ${this.deviceId}${forWhich(predicate)}`;
    return this.#within(what, options, (signal) => this.#state.watch.until(here, signal));
  }

  #delivery(message: QueuedMessage): C2dDelivery {
    const { messageId, enqueuedAt, expiresAt } = message;
    const outcome = (): C2dOutcome | undefined => message.outcome;
    const what = `the end of a cloud-to-device message to ${this.deviceId}, delivered ${counted(message.deliveryCount, 'time')} so far`;
    return {
      deviceId: this.deviceId,
      ...defined({ messageId }),
      enqueuedAt,
      expiresAt,
      get deliveryCount() {
        return message.deliveryCount;
      },
      get outcome() {
        return message.outcome;
      },
      finished: (options) => this.#within(what, options, (signal) => this.#state.watch.until(outcome, signal)),
    };
  }

  get #takesMethods(): true | undefined {
    return this.#methodFault === undefined || undefined;
  }

  /** In words, why it can't be called; undefined where it can. */
  get #methodFault(): string | undefined {
    const { hasApiVersion, subscriptions } = this.#state;
    if (!this.isConnected) return 'not connected';
    if (!hasApiVersion) return 'connected, but its user name has no api-version, without which there are no methods';
    return subscriptions.has(METHODS) ? undefined : 'connected, but not subscribed to methods';
  }

  async #online(method: string, { connectTimeout = 0, signal }: InvokeOptions): Promise<void> {
    if (this.#takesMethods) return;
    const refused = (cause?: unknown): SphereIotError =>
      new SphereIotError(
        'DEVICE_NOT_ONLINE',
        `404103: ${this.deviceId} can't be called (${method}): it is ${this.#methodFault}. ${this.#context.last()}`,
        { cause },
      );
    if (connectTimeout <= 0) throw refused();
    const options = { timeout: connectTimeout, signal };
    await this.#met('to subscribe to methods', () => this.#takesMethods === true, options).catch((error: unknown) => {
      throw error instanceof SphereIotError && error.code === 'TIMED_OUT' ? refused(error) : error;
    });
  }

  #met(what: string, condition: () => boolean, options?: WaitOptions): Promise<void> {
    return this.#within(`${this.deviceId} ${what}`, options, async (signal) => {
      await this.#state.watch.until(() => condition() || undefined, signal);
    });
  }

  #checkOpen(): void {
    this.#context.lifetime.check();
  }

  /** A wait for the caller, which is to see how it ends. */
  #within<T>(what: string, options: WaitOptions | undefined, begin: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const { isOver, unseen } = this.#context.lifetime;
    if (isOver) return Promise.reject(emulatorClosed());
    return unseen.wait(what, this.#limited(what, options, begin), options?.signal);
  }

  #limited<T>(what: string, options: WaitOptions | undefined, begin: (signal: AbortSignal) => Promise<T>): Promise<T> {
    return within(
      this.#context.clock,
      waitOf(options, what, () => this.#last()),
      begin,
    );
  }

  /** What the device did last. */
  #last(): string {
    const { telemetry, link } = this.#state;
    const newest = telemetry.from(telemetry.next - 1)?.entry;
    const sent =
      newest === undefined
        ? 'has sent no telemetry'
        : `has sent ${counted(telemetry.next, 'message')}, the last of them at ${new Date(newest.enqueuedTime).toISOString()}: ${shortened(JSON.stringify(newest.body.toString()))}`;
    return `${this.deviceId} is ${link === undefined ? 'not ' : ''}connected, and ${sent}. ${this.#context.last()}`;
  }
}

/** What a wait asks of each value. */
function fits<T>(predicate: ((value: T) => boolean) | undefined): (value: T) => boolean {
  return predicate === undefined ? () => true : (value) => holds(predicate, value);
}

function methodBody(name: string, payload: unknown): string {
  if (payload === undefined) return '';
  const body = JSON.stringify(payload) as string | undefined;
  if (body === undefined)
    throw new SphereIotError('METHOD_PAYLOAD_INVALID', `The payload of the method ${name} can't be written as JSON.`);
  const size = Buffer.byteLength(body);
  if (size > MAX_METHOD_PAYLOAD_BYTES)
    throw new SphereIotError(
      'METHOD_PAYLOAD_INVALID',
      `The payload of the method ${name} has ${size} bytes of ${MAX_METHOD_PAYLOAD_BYTES}.`,
    );
  return body;
}

function endedByClose(error: unknown): undefined {
  if (error instanceof SphereIotError && error.code === 'EMULATOR_CLOSED') return undefined;
  throw error;
}
