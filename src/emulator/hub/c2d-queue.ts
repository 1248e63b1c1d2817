import { randomUUID } from 'node:crypto';

import { counted } from '../../counted.js';
import type { Clock, Timer } from '../../clock/index.js';
import { SphereIotError } from '../../errors.js';
import type { Link } from '../contract/mqtt-service.js';
import type { Collection } from '../state/store.js';
import type { C2dOutcome, QueuedMessage } from './c2d-message.js';

/** Per device (protocol.md#cloud-to-device). */
const MAX_QUEUE_LENGTH = 50;

/** How often a device may give a message back, unless told otherwise (protocol.md#cloud-to-device). */
const DEFAULT_MAX_RETURNS = 10;

/** A message that a device received over HTTPS, and has to settle by the token. */
export interface ReceivedC2d {
  readonly lockToken: string;
  readonly sequenceNumber: number;
  readonly message: QueuedMessage;
}

/** The way to the device: a connection with a subscription to its messages. */
export interface C2dRoute {
  readonly link: Link;
  readonly qos: 0 | 1;
}

export interface C2dQueueOptions {
  readonly clock: Clock;
  readonly deviceId: string;
  /** Undefined where MQTT's deliveries don't count: only what was abandoned does, which MQTT can't do (protocol.md#cloud-to-device). */
  readonly maxDeliveryCount: number | undefined;
  /** By their numbers. */
  readonly kept: Collection<QueuedMessage>;
  /** Undefined while there is none. */
  route(): C2dRoute | undefined;
  /** Whether the message of QoS 1 that was sent just now is sent once more, by a fault. */
  isDoubled(): boolean;
  finished(message: QueuedMessage, outcome: C2dOutcome): void;
}

interface Waiting {
  /** Under which it is kept. */
  readonly number: number;
  /** Its expiry. */
  readonly timer: Timer;
}

/**
 * The cloud-to-device messages of one device (protocol.md#cloud-to-device): in order, each there until the device acknowledges it, it
 * expires, or it is purged. One that it received over HTTPS is locked until it says what became of it. A connection that ends puts nothing back: what is not acknowledged is still here.
 */
export class C2dQueue {
  readonly #options: C2dQueueOptions;
  readonly #messages = new Map<QueuedMessage, Waiting>();
  #last = 0;
  #closed = false;

  constructor(options: C2dQueueOptions) {
    this.#options = options;
    for (const [id, message] of options.kept.entries()) this.#wait(message, (this.#last = Number(id)));
  }

  /** How many messages wait. */
  get length(): number {
    return this.#messages.size;
  }

  /** @throws SphereIotError `DEVICE_MAXIMUM_QUEUE_DEPTH_EXCEEDED`, `EMULATOR_CLOSED`. */
  add(message: QueuedMessage): void {
    const { deviceId } = this.#options;
    if (this.#closed) throw new SphereIotError('EMULATOR_CLOSED', 'The emulator is closed: nothing can be sent.');
    if (this.#messages.size >= MAX_QUEUE_LENGTH)
      throw new SphereIotError(
        'DEVICE_MAXIMUM_QUEUE_DEPTH_EXCEEDED',
        `403004: ${this.#messages.size} messages wait for ${deviceId} already, as many as fit. Let it take some, or purge them.`,
      );
    this.#wait(message, ++this.#last);
    this.#options.kept.put(String(this.#last), message);
    this.deliver();
  }

  /**
   * The device has connected. With the session that it had, what it did not acknowledge is sent again as it was
   * (MQTT-4.4.0-1); else it is new to it.
   */
  connected(link: Link, sessionPresent: boolean): void {
    for (const message of this.#messages.keys()) {
      const { packetId, topic, body } = message;
      if (!sessionPresent) delete message.packetId;
      else if (packetId !== undefined && this.#counts(message)) link.publishAgain(packetId, topic, body);
    }
    this.deliver();
  }

  /** Sends what was not sent yet, if there is a way. */
  deliver(): void {
    const route = this.#options.route();
    if (route === undefined) return;
    for (const message of this.#messages.keys())
      if (message.packetId === undefined && message.lock === undefined && this.#counts(message))
        this.#send(message, route);
  }

  /**
   * The oldest message that is not under way, for a device that asks over HTTPS; nobody else gets it before it is settled, or `lockMs` are over.
   * Undefined where there is none.
   */
  receive(lockMs: number): ReceivedC2d | undefined {
    const isFree = ({ lock, packetId }: QueuedMessage): boolean =>
      lock === undefined && (packetId === undefined || this.#options.route() === undefined);
    for (const [message, { number }] of this.#messages) {
      if (!isFree(message) || !this.#counts(message)) continue;
      const lockToken = randomUUID();
      delete message.packetId;
      const timer = this.#options.clock.setTimer(lockMs, () => this.#giveBack(message));
      message.lock = { token: lockToken, timer };
      return { lockToken, sequenceNumber: number, message };
    }
    return undefined;
  }

  /** What the device that received it says of a message. Whether it was locked by this token still. */
  settle(lockToken: string, how: 'complete' | 'reject' | 'abandon'): boolean {
    const message = [...this.#messages.keys()].find(({ lock }) => lock?.token === lockToken);
    if (message === undefined) return false;
    if (how === 'abandon') this.#giveBack(message);
    else if (how === 'complete') this.#finish(message, 'completed', 'the device completed it');
    else this.#finish(message, 'rejected', 'the device rejected it');
    return true;
  }

  /** PUBACK completes a message (protocol.md#cloud-to-device). */
  acknowledged(packetId: number): void {
    for (const message of this.#messages.keys())
      if (message.packetId === packetId) return this.#finish(message, 'completed', 'the device acknowledged it');
  }

  /** Ends every message; returns how many that were. */
  purge(reason: string): number {
    const messages = [...this.#messages.keys()];
    for (const message of messages) this.#finish(message, 'purged', reason);
    return messages.length;
  }

  close(): void {
    this.#closed = true;
    for (const [{ lock }, { timer }] of this.#messages) {
      timer.cancel();
      lock?.timer.cancel();
    }
    this.#messages.clear();
  }

  #wait(message: QueuedMessage, number: number): void {
    const { clock } = this.#options;
    const expired = (): void => this.#finish(message, 'expired', 'the device did not acknowledge it in time');
    this.#messages.set(message, { number, timer: clock.setTimer(message.expiresAt - clock.now(), expired) });
  }

  /** It is free again, unless that was once too often. */
  #giveBack(message: QueuedMessage): void {
    message.lock?.timer.cancel();
    delete message.lock;
    message.returns = (message.returns ?? 0) + 1;
    if (message.returns >= (this.#options.maxDeliveryCount ?? DEFAULT_MAX_RETURNS))
      return this.#finish(
        message,
        'deliveryCountExceeded',
        `the device gave it back ${counted(message.returns, 'time')}`,
      );
    this.deliver();
  }

  #send(message: QueuedMessage, { link, qos }: C2dRoute): void {
    const packetId = link.publish(message.topic, message.body, qos);
    if (packetId !== undefined) {
      message.packetId = packetId;
      if (this.#options.isDoubled()) link.publishAgain(packetId, message.topic, message.body);
    } else if (qos === 0) this.#finish(message, 'completed', 'it was sent with QoS 0, which is not acknowledged');
  }

  /** False where that was one delivery too many. */
  #counts(message: QueuedMessage): boolean {
    const { maxDeliveryCount = Infinity } = this.#options;
    if (message.deliveryCount >= maxDeliveryCount) {
      this.#finish(message, 'deliveryCountExceeded', `it was sent ${counted(message.deliveryCount, 'time')}`);
      return false;
    }
    message.deliveryCount++;
    return true;
  }

  #finish(message: QueuedMessage, status: C2dOutcome['status'], reason: string): void {
    const waiting = this.#messages.get(message);
    if (waiting === undefined) return;
    waiting.timer.cancel();
    message.lock?.timer.cancel();
    this.#messages.delete(message);
    this.#options.kept.delete(String(waiting.number));
    message.outcome = { status, at: this.#options.clock.now(), reason };
    this.#options.finished(message, message.outcome);
  }
}
