import { checkOptions } from '../../options.js';
import { text, timeLimit } from '../../rules.js';
import { SphereIotError } from '../../errors.js';
import { WAIT_RULES, type WaitOptions } from '../../waiting/index.js';
import { isObject } from '../../json.js';
import type { C2dDelivery } from '../hub/c2d-message.js';
import { INVOKE_RULES, type HubDevice, type InvokeOptions } from '../hub/hub-device.js';
import type { IotHub } from '../hub/iot-hub.js';
import type { MethodResult } from '../hub/method-calls.js';
import type { JsonObject } from '../hub/twin-properties.js';
import type { Models } from './model.js';
import { unmodelledProperties, unmodelledTelemetry, type Unmodelled } from './unmodelled.js';
import { C2D_RULES, type C2dOptions } from '../hub/c2d-options.js';

/** What a device answered to a writable property (protocol.md#central). */
export interface Acknowledgement {
  readonly value: unknown;
  /** `ac`: 200 done, 202 under way, 203 its default, 4xx and 5xx refused. */
  readonly status: number;
  /** `av`: the version of the desired properties that it is for. */
  readonly version: number;
  /** `ad`. */
  readonly description?: string;
}

/** Where in the model a name is; without it at its root. */
export interface ComponentOption {
  readonly component?: string | undefined;
}

/** A command that the device took, and goes on with. */
export interface LongRunning extends MethodResult {
  /** Resolves with what the device reports under the command's name at its end; rejects with `TIMED_OUT`, `EMULATOR_CLOSED`. */
  readonly completed: Promise<unknown>;
}

export interface LongRunningOptions extends InvokeOptions, ComponentOption {
  /** How long `completed` waits, from the call on: as the `timeout` of other waits. */
  readonly completionTimeout?: number | undefined;
}

/** A device of an application, as its dashboards see it. What it does on the wire is the `hub` device's. */
export class CentralDevice {
  readonly deviceId: string;
  /** The same device, as the hub sees it. */
  readonly hub: HubDevice;
  readonly #iotHub: IotHub;
  readonly #models: Models;
  readonly #modelId: () => string | undefined;

  /** @internal */
  constructor(deviceId: string, iotHub: IotHub, models: Models, modelId: () => string | undefined) {
    this.deviceId = deviceId;
    this.hub = iotHub.device(deviceId);
    this.#iotHub = iotHub;
    this.#models = models;
    this.#modelId = modelId;
  }

  /** What it said when it connected last, or else when it registered; undefined where it said none. */
  get modelId(): string | undefined {
    return this.#modelId();
  }

  /**
   * Sets a writable property, and waits until the device acknowledges it, with whatever status.
   * @throws SphereIotError `DEVICE_NOT_FOUND`, `TWIN_PATCH_INVALID`, `TIMED_OUT`, `EMULATOR_CLOSED`.
   */
  async setProperty(
    name: string,
    value: unknown,
    options: ComponentOption & WaitOptions = {},
  ): Promise<Acknowledgement> {
    checkOptions(options, 'setProperty', '{ timeout: 5000 }', { ...WAIT_RULES, component: text });
    const { component, ...wait } = options;
    const patch = component === undefined ? { [name]: value } : { [component]: { __t: 'c', [name]: value } };
    const version = this.hub.updateDesired(patch);
    const reported = await this.hub.reported((all) => {
      const acknowledgement = this.#acknowledgement(all, name, component);
      return acknowledgement !== undefined && acknowledgement.version >= version;
    }, wait);
    return this.#acknowledgement(reported, name, component) as Acknowledgement;
  }

  /** What the device acknowledged last; undefined where that has not the form which Central asks for: value, ac, av. */
  acknowledgement(name: string, options: ComponentOption = {}): Acknowledgement | undefined {
    checkOptions(options, 'acknowledgement', "{ component: 'thermostat' }", { component: text });
    const { component } = options;
    return this.#acknowledgement(this.hub.twin.reported, name, component);
  }

  /** Calls a command, and waits for its answer. @throws SphereIotError as `HubDevice.invokeMethod`. */
  command(name: string, payload?: unknown, options: InvokeOptions & ComponentOption = {}): Promise<MethodResult> {
    checkOptions(options, 'command', '{ connectTimeout: 5000 }', { ...INVOKE_RULES, component: text });
    const { component, ...invoke } = options;
    return this.hub.invokeMethod(fullName(name, { component }), payload, invoke);
  }

  /**
   * Calls a command that the device answers with 202 and then goes on with.
   * @throws SphereIotError `COMMAND_NOT_LONG_RUNNING` for another answer; as `HubDevice.invokeMethod`.
   */
  async longRunningCommand(name: string, payload?: unknown, options: LongRunningOptions = {}): Promise<LongRunning> {
    checkOptions(options, 'longRunningCommand', '{ completionTimeout: 60_000 }', {
      ...INVOKE_RULES,
      component: text,
      completionTimeout: timeLimit,
    });
    const { completionTimeout, ...call } = options;
    const { component } = call;
    const refused = new AbortController();
    let isReported = false;
    // From before the call: the device may be quick.
    const stop = this.#iotHub.onEvent((event) => {
      if (event.type !== 'twinChanged' || event.deviceId !== this.deviceId || event.section !== 'reported') return;
      isReported ||= valueIn(event.patch, name, component) !== undefined;
    });
    const completed = this.hub
      .reported(() => isReported, { timeout: completionTimeout, signal: refused.signal })
      .then((reported) => valueIn(reported, name, component)?.['value'])
      .finally(stop);
    completed.catch(() => undefined);
    const answer = await this.command(name, payload, call).catch((error: unknown) => {
      refused.abort(error);
      throw error;
    });
    if (answer.status === 202) return { ...answer, completed };
    refused.abort();
    throw new SphereIotError(
      'COMMAND_NOT_LONG_RUNNING',
      `${this.deviceId} answered ${answer.status} to ${name}; a command that goes on is answered with 202.`,
    );
  }

  /**
   * Queues an offline command ("queue if offline"): a cloud-to-device message with the property `method-name`, and the
   * parameter as its body, `@` where there is none.
   * @throws SphereIotError as `HubDevice.sendC2D`.
   */
  offlineCommand(name: string, payload?: unknown, options: C2dOptions & ComponentOption = {}): C2dDelivery {
    checkOptions(options, 'offlineCommand', '{ ttlMs: 60_000 }', { ...C2D_RULES, component: text });
    const { properties, component, ...rest } = options;
    const body = payload === undefined ? '@' : JSON.stringify(payload);
    return this.hub.sendC2D(body, {
      ...rest,
      properties: { ...properties, 'method-name': fullName(name, { component }) },
    });
  }

  /**
   * What the device sent so far, telemetry and reported properties, that its model does not have.
   * @throws SphereIotError `MODEL_NOT_FOUND` where it said no model id, or one that the application does not have.
   */
  unmodelled(): readonly Unmodelled[] {
    const { modelId } = this;
    const model = modelId === undefined ? undefined : this.#models.find(modelId);
    if (model === undefined)
      throw new SphereIotError(
        'MODEL_NOT_FOUND',
        `${this.deviceId} ${modelId === undefined ? 'said no model id' : `has the model ${modelId}, which is not in \`models\``}.`,
      );
    const telemetry = this.hub.receivedTelemetry().flatMap((message) => unmodelledTelemetry(message, model));
    return [...telemetry, ...unmodelledProperties(this.hub.twin.reported, model)];
  }

  #acknowledgement(reported: JsonObject, name: string, component?: string): Acknowledgement | undefined {
    const found = valueIn(reported, name, component);
    const { ac, av, ad } = found ?? {};
    if (found === undefined || typeof ac !== 'number' || typeof av !== 'number') return undefined;
    return { value: found['value'], status: ac, version: av, ...(typeof ad === 'string' ? { description: ad } : {}) };
  }
}

/** `{ value, … }` of a name; undefined where it has another form. */
function valueIn(reported: JsonObject, name: string, component?: string): JsonObject | undefined {
  const level = component === undefined ? reported : reported[component];
  const found = isObject(level) && Object.hasOwn(level, name) ? level[name] : undefined;
  return isObject(found) && 'value' in found ? found : undefined;
}

/** `component*command` (protocol.md#central). */
function fullName(name: string, { component }: ComponentOption): string {
  return component === undefined ? name : `${component}*${name}`;
}
