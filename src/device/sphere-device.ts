import { types } from 'node:util';
import type { Timer } from '../clock/index.js';
import { defined } from '../defined.js';
import { SphereIotError } from '../errors.js';
import { isObject, jsonOrText, parseJson } from '../json.js';
import { checkFunction } from '../options.js';
import type { Outage, OutageOptions } from '../transport/index.js';
import { moduleOf } from '../sdk/create-sdk.js';
import type { Dependant } from '../sdk/module.js';
import {
  IOTHUB_CLIENT_CONFIRMATION_RESULT,
  IOTHUB_CLIENT_CONNECTION_STATUS,
  IOTHUB_CLIENT_CONNECTION_STATUS_REASON,
  IOTHUBMESSAGE_DISPOSITION_RESULT,
  DEVICE_TWIN_UPDATE_STATE,
  type IOTHUB_DEVICE_CLIENT_LL_HANDLE,
} from '../sdk/index.js';
import { Unseen, WAIT_RULES, within, type WaitOptions, waitOf } from '../waiting/index.js';
import { createHubClient } from './hub-client.js';
import { createMessage, MESSAGE_RULES, readMessage, type MessageOptions, type ReceivedMessage } from './messages.js';
import { checkDevice, type SphereDeviceOptions } from './device-options.js';
import { register, type Assignment } from './register.js';
import { expectOk, latestDiagnostic, resultError } from './results.js';

const DPS_ENDPOINT = 'global.azure-devices-provisioning.net';
/** Milliseconds from a lost connection to the first attempt, as in Microsoft's samples. */
const FIRST_RETRY = 1000;
/** Milliseconds to the next attempt after the first that failed; they double up to the longest. */
const RETRY_AFTER_FAILURE = 10_000;
const MAX_RETRY = 600_000;

export type DeviceStatus = 'disconnected' | 'connecting' | 'connected' | 'closed';

export interface MethodAnswer {
  /** As of HTTP: 200 is success. */
  readonly status: number;
  /** Anything that JSON can say. */
  readonly payload?: unknown;
}

/** Answers a direct method. Its payload was JSON; undefined where there was none. */
export type MethodHandler = (payload: unknown, name: string) => MethodAnswer;

export interface TwinProperties {
  readonly desired: Readonly<Record<string, unknown>>;
  readonly reported: Readonly<Record<string, unknown>>;
}

/** What becomes of a cloud-to-device message. */
export type Disposition = 'accept' | 'reject' | 'abandon';

const dispositions: Record<Disposition, IOTHUBMESSAGE_DISPOSITION_RESULT> = {
  accept: IOTHUBMESSAGE_DISPOSITION_RESULT.IOTHUBMESSAGE_ACCEPTED,
  reject: IOTHUBMESSAGE_DISPOSITION_RESULT.IOTHUBMESSAGE_REJECTED,
  abandon: IOTHUBMESSAGE_DISPOSITION_RESULT.IOTHUBMESSAGE_ABANDONED,
};

/** A way to the hub that is under way. */
interface Attempt {
  readonly promise: Promise<void>;
  /** Ends it, with this error. */
  readonly abort: (error: unknown) => void;
}

/**
 * A Sphere device, without the C calls: it provisions and connects. After a loss the SDK connects again by itself; where it
 * has not within a second, the device does as Microsoft's samples do: a new registration and a new handle.
 *
 * All that it throws is a SphereIotError; where a C function was the one to say so, `c` is its result. Each promise takes
 * `WaitOptions`, and rejects with `TIMED_OUT` at its limit. On a virtual clock, give it to `clock.runUntil`.
 */
export class SphereDevice {
  readonly #options: SphereDeviceOptions;
  #assignment: Assignment | undefined;
  #handle: IOTHUB_DEVICE_CLIENT_LL_HANDLE | undefined;
  #status: DeviceStatus = 'disconnected';
  #attempt: Attempt | undefined;
  /** Ends what waits for DPS or the hub, but for telemetry: the SDK says itself that it is not confirmed. */
  readonly #ended = new AbortController();
  /** Of messages that are the SDK's: ends the wait for each. */
  readonly #sends = new Set<(error: unknown) => void>();
  readonly #unseen = new Unseen();
  /** What it throws once it is closed. */
  #why: SphereIotError | undefined;
  readonly #dependant: Dependant = { end: (why) => this.#end(why) };
  #retry: Timer | undefined;
  readonly #statusListeners = new Set<(status: DeviceStatus) => void>();
  readonly #methods = new Map<string, MethodHandler>();
  #onDesired: ((patch: Record<string, unknown>) => void) | undefined;
  #onMessage: ((message: ReceivedMessage) => Disposition) | undefined;

  constructor(options: SphereDeviceOptions) {
    checkDevice(options);
    const given = (this.#options = defined(options) as SphereDeviceOptions);
    moduleOf(options.sdk).dependants.add(this.#dependant);
    if ('hub' in given) this.#assignment = { hub: given.hub, deviceId: given.deviceId };
  }

  get status(): DeviceStatus {
    return this.#status;
  }

  /** The hub and the device id, once they are known. */
  get assignment(): Assignment | undefined {
    return this.#assignment;
  }

  /**
   * Calls `listener` whenever the status changes; the returned function ends that. What it throws, `close` throws.
   * @throws SphereIotError `ARGUMENT_INVALID`.
   */
  onStatus(listener: (status: DeviceStatus) => void): () => void {
    checkFunction('The listener of a status', listener);
    this.#statusListeners.add(listener);
    return () => void this.#statusListeners.delete(listener);
  }

  /**
   * Registers with DPS.
   * @throws SphereIotError `PROVISIONING_FAILED`, `NO_DPS` (the device was given a hub or a connection string), `TIMED_OUT`.
   */
  provision(options?: WaitOptions): Promise<Assignment> {
    return this.#within('an assignment by DPS', options, (signal) => this.#provision(signal));
  }

  async #provision(signal: AbortSignal): Promise<Assignment> {
    this.#refuseClosed();
    const options = this.#options;
    if (!('idScope' in options))
      throw new SphereIotError('NO_DPS', 'This device was given its hub, and no id scope to provision with.');
    const {
      sdk,
      pump,
      idScope,
      endpoint = DPS_ENDPOINT,
      protocol = 'mqtt',
      custom,
      proxy,
      provisioningPayload,
    } = options;
    const payload = provisioningPayload === undefined ? undefined : JSON.stringify(provisioningPayload);
    this.#assignment = await register({ sdk, pump, endpoint, idScope, protocol, custom, proxy, payload, signal });
    return this.#assignment;
  }

  /**
   * Connects, after provisioning if DPS is to say where to. Resolves once the hub has authenticated the device; a failure
   * is not tried again by itself, and neither is an attempt that came to the limit.
   * @throws SphereIotError `PROVISIONING_FAILED`, `CONNECT_FAILED` (with the IOTHUB_CLIENT_CONNECTION_STATUS_REASON), `TIMED_OUT`.
   */
  connect(options?: WaitOptions): Promise<void> {
    this.#retry?.cancel();
    return this.#within('the connection to the hub', options, (signal) => {
      const attempt = this.#begin();
      signal.addEventListener('abort', () => attempt.abort(signal.reason), { once: true });
      return attempt.promise;
    });
  }

  /** The attempt that is under way, or a new one. */
  #begin(): Attempt {
    if (this.#attempt !== undefined) return this.#attempt;
    const ended = new AbortController();
    const promise = this.#connect(ended.signal).finally(() => (this.#attempt = undefined));
    // In the same turn the promise can't have settled.
    this.#attempt = { promise, abort: (error) => ended.abort(error) };
    return this.#attempt;
  }

  async #connect(signal: AbortSignal): Promise<void> {
    this.#refuseClosed();
    if (this.#status === 'connected') return;
    this.#setStatus('connecting');
    try {
      if ('idScope' in this.#options && this.#assignment === undefined) await this.#provision(signal);
      this.#refuseClosed();
      await this.#open(createHubClient(this.#options, this.#assignment), signal);
    } catch (error) {
      this.#drop();
      throw error;
    }
  }

  #open(handle: IOTHUB_DEVICE_CLIENT_LL_HANDLE, signal: AbortSignal): Promise<void> {
    const { sdk, pump } = this.#options;
    this.#handle = handle;
    let missesTwin = false;
    return new Promise((resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason), { once: true });
      sdk.IoTHubDeviceClient_LL_SetConnectionStatusCallback(handle, (status, reason) => {
        if (this.#handle !== handle) return;
        if (status === IOTHUB_CLIENT_CONNECTION_STATUS.IOTHUB_CLIENT_CONNECTION_AUTHENTICATED) {
          // The SDK may have found its way back by itself.
          this.#retry?.cancel();
          this.#setStatus('connected');
          if (missesTwin) this.#readDesired(handle);
          missesTwin = false;
          resolve();
        } else {
          // After a message that timed out the SDK does not read the twin again, as it does after any other loss.
          missesTwin ||= reason === IOTHUB_CLIENT_CONNECTION_STATUS_REASON.IOTHUB_CLIENT_CONNECTION_COMMUNICATION_ERROR;
          const why = latestDiagnostic(sdk, handle);
          reject(resultError('CONNECT_FAILED', 'IOTHUB_CLIENT_CONNECTION_STATUS_REASON', reason, why));
          if (this.#status === 'connected') this.#retryIn(FIRST_RETRY, RETRY_AFTER_FAILURE);
        }
      });
      if (this.#methods.size > 0) this.#setMethodCallback(handle);
      if (this.#onDesired) this.#setTwinCallback(handle);
      if (this.#onMessage) this.#setMessageCallback(handle);
      pump.add(handle);
    });
  }

  /** The connection is lost: a timer, and not this callback of C, ends the handle and begins again. */
  #retryIn(delay: number, next: number): void {
    this.#setStatus('disconnected');
    if (this.#options.reconnect === false) return;
    this.#retry?.cancel();
    this.#retry = this.#options.sdk.clock.setTimer(delay, () => {
      this.#drop();
      // The samples provision again, since the certificate or the hub may be another now.
      if ('idScope' in this.#options) this.#assignment = undefined;
      this.#begin().promise.catch(() => {
        if (this.#status !== 'closed') this.#retryIn(next, Math.min(2 * next, MAX_RETRY));
      });
    });
  }

  /**
   * Sends telemetry: text and bytes as they are, anything else as JSON. Resolves once the hub has confirmed it. A message
   * whose wait has come to its limit is still the SDK's, which may yet send it.
   * @throws SphereIotError `NOT_CONNECTED`, `MESSAGE_INVALID`, `TELEMETRY_NOT_CONFIRMED`, `TIMED_OUT`.
   */
  sendTelemetry(body: unknown, options: MessageOptions & WaitOptions = {}): Promise<void> {
    const wait = waitOf(options, 'the confirmation of telemetry', () => this.#last(), {
      ...WAIT_RULES,
      ...MESSAGE_RULES,
    });
    return this.#unseen.wait(
      wait.what,
      within(this.#options.sdk.clock, wait, () => this.#send(body, options)),
      wait.signal,
    );
  }

  async #send(body: unknown, options: MessageOptions): Promise<void> {
    const { sdk } = this.#options;
    const handle = this.#connected();
    const message = createMessage(sdk, bytesOf(body), options);
    const result = await new Promise<IOTHUB_CLIENT_CONFIRMATION_RESULT>((resolve, reject) => {
      const confirmed = (result: IOTHUB_CLIENT_CONFIRMATION_RESULT): void => {
        this.#sends.delete(reject);
        resolve(result);
      };
      try {
        const sent = sdk.IoTHubDeviceClient_LL_SendEventAsync(handle, message, confirmed);
        this.#sends.add(reject);
        expectOk('TELEMETRY_NOT_CONFIRMED', 'IOTHUB_CLIENT_RESULT', sent);
      } finally {
        sdk.IoTHubMessage_Destroy(message);
      }
    });
    expectOk('TELEMETRY_NOT_CONFIRMED', 'IOTHUB_CLIENT_CONFIRMATION_RESULT', result);
  }

  /** Answers the direct method `name`. Methods without a handler are answered with 404. Throws SphereIotError `ARGUMENT_INVALID`. */
  onMethod(name: string, handler: MethodHandler): void {
    checkFunction('The handler of a method', handler);
    this.#methods.set(name, handler);
    if (this.#methods.size === 1 && this.#handle !== undefined) this.#setMethodCallback(this.#handle);
  }

  #setMethodCallback(handle: IOTHUB_DEVICE_CLIENT_LL_HANDLE): void {
    const result = this.#options.sdk.IoTHubDeviceClient_LL_SetDeviceMethodCallback(handle, (name, payload) => {
      const handler = this.#methods.get(name ?? '');
      const answer =
        handler === undefined
          ? { status: 404 }
          : handler(payload.length === 0 ? undefined : jsonOrText(payload), name ?? '');
      if (types.isPromise(answer)) throw promised(name ?? '', answer);
      return { status: answer.status, response: JSON.stringify(answer.payload ?? null) };
    });
    expectOk('CONNECT_FAILED', 'IOTHUB_CLIENT_RESULT', result);
  }

  /** Calls `handler` with the desired properties: all of them after each connect, later what changed. Throws SphereIotError `ARGUMENT_INVALID`. */
  onDesired(handler: (patch: Record<string, unknown>) => void): void {
    checkFunction('The handler of desired properties', handler);
    const first = this.#onDesired === undefined;
    this.#onDesired = handler;
    if (first && this.#handle !== undefined) this.#setTwinCallback(this.#handle);
  }

  #setTwinCallback(handle: IOTHUB_DEVICE_CLIENT_LL_HANDLE): void {
    const result = this.#options.sdk.IoTHubDeviceClient_LL_SetDeviceTwinCallback(handle, (state, payload) => {
      const complete = state === DEVICE_TWIN_UPDATE_STATE.DEVICE_TWIN_UPDATE_COMPLETE;
      const desired = complete ? twinIn(payload)?.desired : parseJson(payload);
      if (isObject(desired)) this.#onDesired?.(desired);
    });
    expectOk('CONNECT_FAILED', 'IOTHUB_CLIENT_RESULT', result);
  }

  /** Tells the handler what it missed. A read that fails comes to nothing: the next connection reads the twin. */
  #readDesired(handle: IOTHUB_DEVICE_CLIENT_LL_HANDLE): void {
    if (this.#onDesired === undefined) return;
    this.#options.sdk.IoTHubDeviceClient_LL_GetTwinAsync(handle, (_state, payload) => {
      const twin = twinIn(payload);
      if (twin !== undefined && this.#handle === handle) this.#onDesired?.(twin.desired);
    });
  }

  /** Calls `handler` with each cloud-to-device message; it says what becomes of it. Throws SphereIotError `ARGUMENT_INVALID`. */
  onMessage(handler: (message: ReceivedMessage) => Disposition): void {
    checkFunction('The handler of messages', handler);
    const first = this.#onMessage === undefined;
    this.#onMessage = handler;
    if (first && this.#handle !== undefined) this.#setMessageCallback(this.#handle);
  }

  #setMessageCallback(handle: IOTHUB_DEVICE_CLIENT_LL_HANDLE): void {
    const { sdk } = this.#options;
    const result = sdk.IoTHubDeviceClient_LL_SetMessageCallback(
      handle,
      (message) => dispositions[this.#onMessage?.(readMessage(sdk, message)) ?? 'abandon'],
    );
    expectOk('CONNECT_FAILED', 'IOTHUB_CLIENT_RESULT', result);
  }

  /**
   * Reads the twin.
   * @throws SphereIotError `NOT_CONNECTED`, `TWIN_FAILED` (the SDK gives up after a minute), `TIMED_OUT`.
   */
  getTwin(options?: WaitOptions): Promise<TwinProperties> {
    return this.#within('the twin', options, () => this.#getTwin());
  }

  async #getTwin(): Promise<TwinProperties> {
    const handle = this.#connected();
    const payload = await new Promise<Uint8Array>((resolve) => {
      const result = this.#options.sdk.IoTHubDeviceClient_LL_GetTwinAsync(handle, (_state, bytes) => resolve(bytes));
      expectOk('TWIN_FAILED', 'IOTHUB_CLIENT_RESULT', result);
    });
    if (payload.length === 0)
      throw new SphereIotError('TWIN_FAILED', 'The hub did not answer the request for the twin.');
    const twin = twinIn(payload);
    if (twin === undefined)
      throw new SphereIotError('TWIN_FAILED', 'The hub answered the request for the twin with what is no twin.');
    return twin;
  }

  /**
   * Changes reported properties; null removes one. Resolves once the hub has accepted the patch.
   * @throws SphereIotError `NOT_CONNECTED`, `TWIN_FAILED`, `TIMED_OUT`: the SDK may send the patch yet.
   */
  updateReported(patch: Readonly<Record<string, unknown>>, options?: WaitOptions): Promise<void> {
    return this.#within('the answer to reported properties', options, () => this.#updateReported(patch));
  }

  async #updateReported(patch: Readonly<Record<string, unknown>>): Promise<void> {
    const handle = this.#connected();
    const status = await new Promise<number>((resolve) => {
      const json = JSON.stringify(patch);
      const result = this.#options.sdk.IoTHubDeviceClient_LL_SendReportedState(handle, json, resolve);
      expectOk('TWIN_FAILED', 'IOTHUB_CLIENT_RESULT', result);
    });
    if (status < 200 || status > 299)
      throw new SphereIotError('TWIN_FAILED', `The hub refused the reported properties with status ${status}.`);
  }

  /**
   * Has the network of its SDK instance, and so of all devices of that, fail for `ms` milliseconds of the clock.
   * @throws what `sdk.network.outage` does: SphereIotError `OUTAGE_NEVER_STRUCK`, `OUTAGE_INVALID`, `NETWORK_CLOSED`.
   */
  outage(ms: number, options: OutageOptions = {}): Promise<Outage> {
    return this.#options.sdk.network.outage(ms, options);
  }

  /**
   * Ends the connection, and what waits for it, with `DEVICE_CLOSED`; the SDK instance and its pump stay. Twice, or after the SDK
   * instance, is harmless.
   * @throws SphereIotError When it is closed: `WAIT_FORGOTTEN` (nobody awaits a promise of this device, and it has not come),
   * `LISTENER_FAILED` (a listener of its status threw: `cause`).
   */
  close(): void {
    this.#end(new SphereIotError('DEVICE_CLOSED', 'This device is closed; make a new one.'));
  }

  /** @returns Whether anything waits that rejects with `why`. */
  #end(why: SphereIotError): boolean {
    if (this.#why !== undefined) return false;
    this.#why = why;
    const { isWaiting } = this.#unseen;
    this.#unseen.end();
    moduleOf(this.#options.sdk).dependants.delete(this.#dependant);
    this.#retry?.cancel();
    this.#drop();
    this.#setStatus('closed');
    this.#attempt?.abort(why);
    this.#ended.abort(why);
    for (const fail of this.#sends) fail(why);
    this.#unseen.check();
    return isWaiting;
  }

  /** Ends the handle. Messages that wait in it are reported as not confirmed. */
  #drop(): void {
    const handle = this.#handle;
    this.#handle = undefined;
    const { sdk } = this.#options;
    const { closed, crashed } = moduleOf(sdk).gate;
    if (handle !== undefined && !closed && !crashed) sdk.IoTHubDeviceClient_LL_Destroy(handle);
    this.#setStatus('disconnected');
  }

  #within<T>(what: string, options: WaitOptions | undefined, begin: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const wait = waitOf(options, what, () => this.#last());
    const { signal: ended } = this.#ended;
    const signal = options?.signal === undefined ? ended : AbortSignal.any([options.signal, ended]);
    return this.#unseen.wait(what, within(this.#options.sdk.clock, { ...wait, signal }, begin), options?.signal);
  }

  /** What is known of it, for the error of a wait. */
  #last(): string {
    const { hub, deviceId } = this.#assignment ?? {};
    const why = this.#options.sdk.diagnostics.at(-1);
    const diagnosed =
      why === undefined ? 'nothing was diagnosed' : `what was diagnosed last is ${why.code}: ${why.message}`;
    return `The device${deviceId === undefined ? '' : ` ${deviceId} of ${hub}`} is ${this.#status}; ${diagnosed}`;
  }

  #connected(): IOTHUB_DEVICE_CLIENT_LL_HANDLE {
    this.#refuseClosed();
    if (this.#handle === undefined)
      throw new SphereIotError('NOT_CONNECTED', 'The device is not connected: call connect().');
    return this.#handle;
  }

  #refuseClosed(): void {
    if (this.#why !== undefined) throw this.#why;
  }

  #setStatus(status: DeviceStatus): void {
    if (this.#status === status || this.#status === 'closed') return;
    this.#status = status;
    for (const listener of [...this.#statusListeners]) this.#unseen.tell('the status', () => listener(status));
  }
}

function bytesOf(body: unknown): string | Uint8Array {
  return typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body);
}

/** Undefined where the hub sent what is no twin. */
function twinIn(payload: Uint8Array): TwinProperties | undefined {
  const twin = parseJson(payload);
  if (!isObject(twin)) return undefined;
  const { desired, reported } = twin;
  return isObject(desired) && isObject(reported) ? { desired, reported } : undefined;
}

/** C wants the answer at once. */
function promised(method: string, answer: Promise<unknown>): SphereIotError {
  answer.catch(() => undefined); // nobody asks
  return new SphereIotError(
    'METHOD_RESPONSE_INVALID',
    `The handler of the method ${method} returned a promise: it answers at once, as in ({ delay }) => ({ status: 200 }). Leave out async and await.`,
  );
}
