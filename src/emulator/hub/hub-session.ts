import type { Clock, Timer } from '../../clock/index.js';
import { unencodedIn } from '../codec/property-bag.js';
import { messageOf } from '../../errors.js';
import { parseJson } from '../../json.js';
import { errorCodeOf } from '../faults/error-code.js';
import type { GrantedQos, IncomingMessage, Link, MqttSession, UndocumentedTopic } from '../contract/mqtt-service.js';
import { shortened } from '../observe/shortened.js';
import type { DeviceState } from './device-state.js';
import { MAX_TELEMETRY_BYTES, toTelemetry } from './telemetry.js';
import { deviceFilter, parseDeviceTopic, TWIN_RESULTS, twinResultTopic } from './hub-topics.js';

/** protocol.md#hub-connect: the longest silence that the hub allows, in ms, so that a keepalive above 1177 s is of no use. */
const MAX_SILENCE = 1_767_000;

export interface HubSessionOptions {
  readonly clock: Clock;
  readonly device: DeviceState;
  readonly link: Link;
  readonly will?: IncomingMessage | undefined;
  readonly undocumentedTopic: UndocumentedTopic;
  /** See `unencodedProperties` of IotHubOptions. */
  readonly takesUnencoded: boolean;
  opened(): void;
  subscriptionRefused(filter: string, reason: string): void;
  closed(reason: string): void;
}

/** One connection of a device to its hub: what it publishes and subscribes to. */
export class HubSession implements MqttSession {
  readonly maxSilenceMs = MAX_SILENCE;
  readonly #options: HubSessionOptions;
  /** Of messages that are taken later, by a fault. */
  readonly #timers = new Set<Timer>();

  constructor(options: HubSessionOptions) {
    this.#options = options;
  }

  opened(): void {
    this.#options.opened();
  }

  publish(message: IncomingMessage): boolean {
    const { device, link, undocumentedTopic } = this.#options;
    const topic = parseDeviceTopic(message.topic, device.deviceId);
    if (topic === undefined) {
      // Only documented topics, and only the device's own (protocol.md#hub-connect).
      if (undocumentedTopic === 'ignore') return true;
      link.close(`a PUBLISH to ${message.topic}, which ${device.deviceId} may not send to`);
      return false;
    }
    switch (topic.kind) {
      case 'telemetry':
        return this.#telemetry(message, topic.bag);
      case 'getTwin':
        if (this.#mayUseTwin('get', topic.requestId))
          this.#answer(200, topic.requestId, undefined, device.twin.document());
        return true;
      case 'reportProperties':
        if (this.#mayUseTwin('report', topic.requestId)) this.#report(topic.requestId, message.payload);
        return true;
      case 'methodResult':
        device.methods.answered(topic.requestId, topic.status, message.payload);
        return true;
    }
  }

  subscribe(filter: string, qos: 0 | 1 | 2): GrantedQos {
    const { device, subscriptionRefused } = this.#options;
    // That a device has at most five (protocol.md#hub-connect) follows: there are four.
    const meant = deviceFilter(filter, device.deviceId);
    if (meant === undefined) {
      subscriptionRefused(filter, 'it is none of the documented ones');
      return 0x80;
    }
    const granted = qos === 0 ? 0 : 1;
    device.subscriptions.set(meant, granted);
    device.watch.changed();
    return granted;
  }

  subscribed(): void {
    this.#options.device.c2d.deliver();
  }

  unsubscribe(filter: string): void {
    const { device } = this.#options;
    device.subscriptions.delete(deviceFilter(filter, device.deviceId) ?? filter);
    device.watch.changed();
  }

  acknowledged(packetId: number): void {
    // Nothing else is sent with QoS 1.
    this.#options.device.c2d.acknowledged(packetId);
  }

  closed(reason: string, byDisconnect: boolean): void {
    for (const timer of this.#timers) timer.cancel();
    if (!byDisconnect) this.#sendWill();
    this.#options.closed(reason);
  }

  #telemetry(message: IncomingMessage, bag: string): boolean {
    const { device, link } = this.#options;
    if (message.payload.length + Buffer.byteLength(bag) > MAX_TELEMETRY_BYTES) {
      // Dropped without an error (protocol.md#hub-connect).
      link.close(`a message of more than ${MAX_TELEMETRY_BYTES} bytes`);
      return false;
    }
    const unencoded = this.#options.takesUnencoded ? undefined : unencodedIn(bag);
    if (unencoded !== undefined) {
      link.close(`a message with a property that is not percent-encoded: ${shortened(unencoded)}`);
      return false;
    }
    const throttled = device.faults.take('throttledTelemetry')?.options;
    if (throttled !== undefined) {
      this.#takeLater(message, bag, throttled.ms);
      return false;
    }
    this.#take(message, bag);
    return message.qos === 0 || device.faults.take('lostPuback') === undefined;
  }

  #take(message: IncomingMessage, bag: string): void {
    const { clock, device } = this.#options;
    device.addTelemetry(toTelemetry(message, bag, device.deviceId, clock.now()));
  }

  #takeLater(message: IncomingMessage, bag: string, ms: number): void {
    const { clock, link } = this.#options;
    const timer = clock.setTimer(ms, () => {
      this.#timers.delete(timer);
      this.#take(message, bag);
      if (message.packetId !== undefined) link.acknowledge(message.packetId);
    });
    this.#timers.add(timer);
  }

  /** Answers itself where that is not so. */
  #mayUseTwin(request: 'get' | 'report', requestId: string): boolean {
    if (this.#twinFault(request, requestId)) return false;
    if (this.#options.device.hasApiVersion) return true;
    this.#refuse(requestId, 'the user name of the connection has no api-version, without which there are no twins');
    return false;
  }

  /** Whether a fault answers, or keeps from answering, in the place of the twin. */
  #twinFault(request: 'get' | 'report', requestId: string): boolean {
    const { faults } = this.#options.device;
    if (faults.take('twinSilence', { request })) return true;
    const error = faults.take('twinError', { request })?.options;
    if (error === undefined) return false;
    const body = { errorCode: errorCodeOf(error.status), message: 'An injected fault.' };
    this.#answer(error.status, requestId, undefined, JSON.stringify(body));
    return true;
  }

  #report(requestId: string, payload: Buffer): void {
    const { device } = this.#options;
    try {
      const version = device.twin.patchReported(parseJson(payload));
      this.#answer(204, requestId, version);
      device.watch.changed();
    } catch (error) {
      this.#refuse(requestId, messageOf(error));
    }
  }

  #refuse(requestId: string, message: string): void {
    this.#answer(400, requestId, undefined, JSON.stringify({ errorCode: 400000, message }));
  }

  #answer(status: number, requestId: string, version?: number, body = ''): void {
    this.#options.device.send(TWIN_RESULTS, twinResultTopic(status, requestId, version), body);
  }

  /** MQTT-3.1.2-8; the hub takes it as telemetry (protocol.md#hub-connect). */
  #sendWill(): void {
    const { device, will, clock } = this.#options;
    const topic = will === undefined ? undefined : parseDeviceTopic(will.topic, device.deviceId);
    if (will === undefined || topic?.kind !== 'telemetry') return;
    const telemetry = toTelemetry(will, topic.bag, device.deviceId, clock.now());
    device.addTelemetry({ ...telemetry, properties: { ...telemetry.properties, 'iothub-MessageType': 'Will' } });
  }
}
