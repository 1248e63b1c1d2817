import { isObject, parseJson } from '../../json.js';
import type { GrantedQos, IncomingMessage, Link, MqttSession, UndocumentedTopic } from '../contract/mqtt-service.js';
import { parseDpsTopic, responseTopic, RESPONSES } from '../codec/dps-topics.js';

/** What DPS answers to one request. */
export interface DpsAnswer {
  /** Of the response topic. */
  readonly status: number;
  readonly body: string;
  readonly retryAfterSeconds?: number;
  /** Of an error's body. */
  readonly errorCode?: number;
}

export interface DpsSessionOptions {
  readonly link: Link;
  readonly undocumentedTopic: UndocumentedTopic;
  /** `body` is undefined where the payload is no JSON object. */
  register(body: Record<string, unknown> | undefined): DpsAnswer | 'none';
  poll(operationId: string): DpsAnswer | 'none';
  opened(): void;
  closed(reason: string): void;
}

/**
 * One connection of a device to DPS (protocol.md#dps-exchange). Sessions are never kept, whatever the CONNECT says
 * (protocol.md#dps-connect).
 */
export class DpsSession implements MqttSession {
  readonly #options: DpsSessionOptions;
  /** The QoS with which answers are sent; undefined while the device has not subscribed. */
  #granted: 0 | 1 | undefined;

  constructor(options: DpsSessionOptions) {
    this.#options = options;
  }

  opened(): void {
    this.#options.opened();
  }

  publish(message: IncomingMessage): boolean {
    const topic = parseDpsTopic(message.topic);
    if (topic === undefined) {
      if (this.#options.undocumentedTopic === 'ignore') return true;
      this.#options.link.close(`a PUBLISH to ${message.topic}, which is no topic of DPS`);
      return false;
    }
    const answer =
      topic.kind === 'register'
        ? this.#options.register(jsonObject(message.payload))
        : this.#options.poll(topic.operationId);
    if (answer !== 'none') this.#send(topic.requestId, answer);
    return true;
  }

  subscribe(filter: string, qos: 0 | 1 | 2): GrantedQos {
    if (filter !== RESPONSES) return 0x80;
    this.#granted = qos === 0 ? 0 : 1;
    return this.#granted;
  }

  subscribed(): void {
    // Nothing is sent unasked.
  }

  unsubscribe(filter: string): void {
    if (filter === RESPONSES) this.#granted = undefined;
  }

  acknowledged(): void {
    // Answers are not kept, so there is nothing to complete.
  }

  closed(reason: string): void {
    this.#options.closed(reason);
  }

  #send(requestId: string, { status, body, retryAfterSeconds }: DpsAnswer): void {
    if (this.#granted === undefined) return;
    this.#options.link.publish(responseTopic(status, requestId, retryAfterSeconds), Buffer.from(body), this.#granted);
  }
}

function jsonObject(payload: Buffer): Record<string, unknown> | undefined {
  const value = parseJson(payload);
  return isObject(value) ? value : undefined;
}
