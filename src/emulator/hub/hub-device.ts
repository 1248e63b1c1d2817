import type { Clock } from '../../clock/index.js';
import { SphereIotError } from '../../errors.js';
import { within } from '../time-limit.js';
import { newMessage, type C2dDelivery, type C2dOptions, type QueuedMessage } from './c2d-message.js';
import type { DeviceIdentity } from './device-registry.js';
import type { DeviceState } from './device-state.js';
import type { FileUpload } from './file-uploads.js';
import type { MethodResult } from './method-calls.js';
import type { Telemetry } from './telemetry.js';
import { DESIRED_UPDATES, desiredUpdateTopic, METHODS, methodTopic } from './topics.js';
import type { TwinSnapshot } from './twin.js';
import { differenceOf, type JsonObject } from './twin-properties.js';

const DEFAULT_METHOD_TIMEOUT = 30_000;
const LARGEST_METHOD_PAYLOAD = 128 * 1024;
/** Printable ASCII of a method's name (section B5), without what would change the topic's meaning. */
const METHOD_NAME = /^[A-Za-z0-9\-._~!@$%^&*()=:;,'"|<>[\]{}]{1,128}$/;

export interface InvokeOptions {
  /** How long to wait for the answer, clock ms. Default 30 000. */
  readonly timeoutMs?: number;
  /** How long to wait until the device is connected and subscribed to methods, clock ms. Default 0. */
  readonly connectTimeoutMs?: number;
}

/**
 * A device, as seen from the cloud: what tests and back ends do with it. It exists before the device does, so that one
 * can wait for a device that DPS will create. Waiting is on the hub's own state and takes no time-out of its own: give
 * the promise to `clock.runUntil`, or leave it to the test's limit. Every wait rejects with `EMULATOR_CLOSED` when the
 * emulator is closed.
 */
export class HubDevice {
  readonly deviceId: string;
  readonly #state: DeviceState;
  readonly #clock: Clock;
  readonly #identity: () => DeviceIdentity;
  #nextTelemetry = 0;
  #reading: Promise<unknown> = Promise.resolve();
  #nextUpload = 0;
  #readingUploads: Promise<unknown> = Promise.resolve();

  /** @internal @param identity Throws if it is missing. */
  constructor(state: DeviceState, clock: Clock, identity: () => DeviceIdentity) {
    this.deviceId = state.deviceId;
    this.#state = state;
    this.#clock = clock;
    this.#identity = identity;
  }

  get isConnected(): boolean {
    return this.#state.link !== undefined;
  }

  /** Resolves once the device is connected, at once if it is. */
  connected(): Promise<void> {
    return this.#state.watch.met(() => this.isConnected);
  }

  /** Resolves once the device is not connected, at once if it is not. */
  disconnected(): Promise<void> {
    return this.#state.watch.met(() => !this.isConnected);
  }

  /**
   * Resolves once the device is connected and has subscribed to desired property updates, at once if it is and has: from then
   * on it is told of what `updateDesired` and `replaceDesired` change.
   */
  subscribedToDesiredProperties(): Promise<void> {
    return this.#state.watch.met(() => this.isConnected && this.#state.subscriptions.has(DESIRED_UPDATES));
  }

  /** Closes the device's connection from the hub's side, as the service does now and then; it may connect again. */
  disconnect(): void {
    this.#state.link?.close('the service closed it');
  }

  /**
   * Every message from the first that the device ever sent, then each new one: listening late loses nothing. Each
   * call begins anew. The hub keeps the newest 100 000 of a device unless told otherwise (`telemetryLimit`). Ends when
   * the emulator is closed.
   */
  async *telemetry(): AsyncGenerator<Telemetry, void, undefined> {
    for (let number = 0; ; number++) {
      const entry = await this.#state.watch.until(() => this.#state.telemetry.from(number)).catch(endedByClose);
      if (entry === undefined) return;
      number = entry.number;
      yield entry.entry;
    }
  }

  /** The messages that are there already, oldest first. */
  receivedTelemetry(): readonly Telemetry[] {
    return this.#state.telemetry.all();
  }

  /**
   * The next message for which `predicate` holds, after the one that the call before returned: a message that came
   * before the call is not lost, and none is returned twice. Those that don't fit are skipped.
   */
  nextTelemetry(predicate: (telemetry: Telemetry) => boolean = () => true): Promise<Telemetry> {
    const take = (): Telemetry | undefined => {
      for (;;) {
        const entry = this.#state.telemetry.from(this.#nextTelemetry);
        if (entry === undefined) return undefined;
        this.#nextTelemetry = entry.number + 1;
        if (predicate(entry.entry)) return entry.entry;
      }
    };
    // One after the other: two calls at once get two messages, in order.
    const next = this.#reading.then(() => this.#state.watch.until(take));
    this.#reading = next.catch(() => undefined);
    return next;
  }

  /** The file uploads that the device said are over, well or not, oldest first: the newest 100. */
  uploads(): readonly FileUpload[] {
    return this.#state.uploads.all();
  }

  /**
   * The next file upload that the device says is over and for which `predicate` holds, as `nextTelemetry` does it.
   * Whether it went well is `isSuccess`.
   */
  nextUpload(predicate: (upload: FileUpload) => boolean = () => true): Promise<FileUpload> {
    const take = (): FileUpload | undefined => {
      for (;;) {
        const entry = this.#state.uploads.from(this.#nextUpload);
        if (entry === undefined) return undefined;
        this.#nextUpload = entry.number + 1;
        if (predicate(entry.entry)) return entry.entry;
      }
    };
    const next = this.#readingUploads.then(() => this.#state.watch.until(take));
    this.#readingUploads = next.catch(() => undefined);
    return next;
  }

  /**
   * Calls a direct method and waits for the device's answer.
   * @param payload JSON; undefined is sent as null.
   * @throws SphereIotError `DEVICE_NOT_FOUND`; `METHOD_NAME_INVALID`, `METHOD_PAYLOAD_INVALID`; `DEVICE_NOT_ONLINE`
   * (the service's 404103: not connected, or not subscribed to methods, after `connectTimeoutMs`); `METHOD_TIMEOUT`;
   * `METHOD_RESPONSE_NOT_JSON`; `METHOD_THROTTLED` (429001, by a fault only).
   */
  async invokeMethod(name: string, payload?: unknown, options: InvokeOptions = {}): Promise<MethodResult> {
    this.#identity();
    if (!METHOD_NAME.test(name))
      throw new SphereIotError(
        'METHOD_NAME_INVALID',
        `${JSON.stringify(name)} is no method name: printable ASCII, no / # ? +.`,
      );
    const body = methodBody(name, payload);
    await this.#online(name, options.connectTimeoutMs ?? 0);
    const { faults } = this.#state;
    if (faults.take('refusedMethod'))
      throw new SphereIotError(
        'METHOD_THROTTLED',
        `429001: the method ${name} of ${this.deviceId} was refused by a fault.`,
      );
    return this.#state.methods.start(name, options.timeoutMs ?? DEFAULT_METHOD_TIMEOUT, (requestId) => {
      if (faults.take('lostMethod') === undefined) this.#state.send(METHODS, methodTopic(name, requestId), body);
    });
  }

  /**
   * Puts a cloud-to-device message into the device's queue (section B4). A device that is connected and subscribed gets
   * it at once, another one when it is; it stays until the device acknowledges it, it expires, or it is purged.
   * @param body UTF-8 where it is text.
   * @returns The message, to see or to wait for how it ends.
   * @throws SphereIotError `DEVICE_NOT_FOUND`; `DEVICE_MAXIMUM_QUEUE_DEPTH_EXCEEDED` (the service's 403004: 50 wait
   * already); `C2D_MESSAGE_TOO_LARGE`, `C2D_EXPIRY_INVALID`; `EMULATOR_CLOSED`.
   */
  sendC2D(body: string | Uint8Array, options: C2dOptions = {}): C2dDelivery {
    const message = newMessage(this.#identity(), body, options, this.#clock.now());
    this.#state.c2d.add(message);
    return this.#delivery(message);
  }

  /** Removes every cloud-to-device message from the queue; returns how many there were. */
  purge(): number {
    return this.#state.c2d.purge('the queue was purged');
  }

  /**
   * Changes desired properties: null deletes, objects merge. A device that is connected and subscribed is told of the
   * patch; another one sees it when it gets its twin (B2).
   * @returns The new version of the desired properties.
   * @throws SphereIotError `DEVICE_NOT_FOUND`, `TWIN_PATCH_INVALID`.
   */
  updateDesired(patch: JsonObject): number {
    this.#identity();
    const version = this.#state.twin.patchDesired(patch);
    this.#state.send(DESIRED_UPDATES, desiredUpdateTopic(version), JSON.stringify({ ...patch, $version: version }));
    this.#state.watch.changed();
    return version;
  }

  /**
   * Replaces all desired properties. A device that is connected and subscribed gets the patch that leads there, with
   * null for what is gone.
   * @returns The new version of the desired properties.
   * @throws SphereIotError `DEVICE_NOT_FOUND`, `TWIN_PATCH_INVALID`.
   */
  replaceDesired(content: JsonObject): number {
    this.#identity();
    const before = this.twin.desired;
    const version = this.#state.twin.replaceDesired(content);
    const patch = { ...differenceOf(before, content), $version: version };
    this.#state.send(DESIRED_UPDATES, desiredUpdateTopic(version), JSON.stringify(patch));
    this.#state.watch.changed();
    return version;
  }

  /** Changes tags, which the device can't see. @throws SphereIotError `DEVICE_NOT_FOUND`, `TWIN_PATCH_INVALID`. */
  updateTags(patch: JsonObject): void {
    this.#identity();
    this.#state.twin.patchTags(patch);
    this.#state.watch.changed();
  }

  /** Replaces all tags. @throws SphereIotError `DEVICE_NOT_FOUND`, `TWIN_PATCH_INVALID`. */
  replaceTags(content: JsonObject): void {
    this.#identity();
    this.#state.twin.replaceTags(content);
    this.#state.watch.changed();
  }

  /** The twin now: a copy. */
  get twin(): TwinSnapshot {
    return this.#state.twin.snapshot();
  }

  /**
   * Resolves with all reported properties once the device has reported something and `predicate` holds for them, at
   * once if that is so already.
   */
  reported(predicate: (reported: JsonObject) => boolean = () => true): Promise<JsonObject> {
    return this.#state.watch.until(() => {
      if (!this.#state.hasReported) return undefined;
      const { reported } = this.#state.twin.snapshot();
      return predicate(reported) ? reported : undefined;
    });
  }

  #delivery(message: QueuedMessage): C2dDelivery {
    const { watch } = this.#state;
    const { messageId, enqueuedAt, expiresAt } = message;
    return {
      deviceId: this.deviceId,
      ...(messageId === undefined ? {} : { messageId }),
      enqueuedAt,
      expiresAt,
      get deliveryCount() {
        return message.deliveryCount;
      },
      get outcome() {
        return message.outcome;
      },
      finished: () => watch.until(() => message.outcome),
    };
  }

  get #takesMethods(): true | undefined {
    return (this.isConnected && this.#state.subscriptions.has(METHODS)) || undefined;
  }

  async #online(method: string, timeoutMs: number): Promise<void> {
    if (this.#takesMethods) return;
    const error = (): SphereIotError =>
      new SphereIotError(
        'DEVICE_NOT_ONLINE',
        `404103: ${this.deviceId} can't be called (${method}): it is ${
          this.isConnected ? 'connected, but not subscribed to methods' : 'not connected'
        }.`,
      );
    if (timeoutMs <= 0) throw error();
    await within(this.#clock, timeoutMs, error, (signal) => this.#state.watch.until(() => this.#takesMethods, signal));
  }
}

function methodBody(name: string, payload: unknown): string {
  const body = JSON.stringify(payload ?? null) as string | undefined;
  if (body === undefined)
    throw new SphereIotError('METHOD_PAYLOAD_INVALID', `The payload of the method ${name} can't be written as JSON.`);
  const size = Buffer.byteLength(body);
  if (size > LARGEST_METHOD_PAYLOAD)
    throw new SphereIotError(
      'METHOD_PAYLOAD_INVALID',
      `The payload of the method ${name} has ${size} bytes of ${LARGEST_METHOD_PAYLOAD}.`,
    );
  return body;
}

function endedByClose(error: unknown): undefined {
  if (error instanceof SphereIotError && error.code === 'EMULATOR_CLOSED') return undefined;
  throw error;
}
