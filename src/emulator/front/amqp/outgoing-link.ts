import type { AmqpError, AmqpMessage, AmqpOutcome, AmqpOutgoing, AmqpSource } from '../../contract/amqp-service.js';
import { detach, type RheaDelivery, type RheaSender } from './rhea.js';

type Settled = (outcome: AmqpOutcome) => void;

/** Answers that wait for a client which asks and gives no credit. */
const MAX_ANSWERS = 100;

/** What a link asks of its connection. */
export interface LinkConnection {
  /** Whether it takes more. */
  hasRoom(): boolean;
  /** What `act` throws ends the connection. */
  try(act: () => void): void;
}

/** A link on which the emulator sends. */
export class OutgoingLink implements AmqpOutgoing {
  /** The path of its node. */
  readonly path: string;
  readonly sender: RheaSender;
  readonly #connection: LinkConnection;
  readonly #unsettled = new Map<RheaDelivery, Settled>();
  #source: AmqpSource | undefined;
  #isMoving = false;
  #isOpen = true;

  constructor(path: string, sender: RheaSender, connection: LinkConnection) {
    this.path = path;
    this.sender = sender;
    this.#connection = connection;
  }

  get filters(): Readonly<Record<string, unknown>> {
    return this.sender.source?.filter ?? {};
  }

  get properties(): Readonly<Record<string, unknown>> {
    return this.sender.properties ?? {};
  }

  get hasRoom(): boolean {
    return this.#isOpen && this.sender.sendable() && this.#connection.hasRoom();
  }

  /** What sends on it. */
  feed(source: AmqpSource): void {
    this.#source = source;
  }

  send(message: AmqpMessage, settled: Settled = () => undefined): void {
    const delivery = this.sender.send(message);
    if (this.sender.local.attach.snd_settle_mode === 1) settled('accepted');
    else this.#unsettled.set(delivery, settled);
  }

  /** In a later turn: rhea would write a transfer before its own attach, where both came at once. */
  wake(): void {
    if (this.#isMoving || !this.#isOpen) return;
    this.#isMoving = true;
    setImmediate(() => {
      this.#isMoving = false;
      if (this.#isOpen) this.#connection.try(() => this.#source?.moved());
    });
  }

  /** The client wants its credit back. */
  drain(): void {
    setImmediate(() => this.#isOpen && this.sender.set_drained(true));
  }

  /** The client told what became of a delivery. */
  ended(delivery: RheaDelivery): void {
    const settled = this.#unsettled.get(delivery);
    if (settled === undefined) return;
    this.#unsettled.delete(delivery);
    const state = delivery.remote_state?.constructor.composite_type;
    if (!delivery.remote_settled) delivery.update(true);
    settled(state === 'rejected' ? 'rejected' : state === 'released' || state === 'modified' ? 'released' : 'accepted');
  }

  close(error: AmqpError): void {
    if (!this.#isOpen) return;
    detach(this.sender, error);
    this.closed();
  }

  /** It is gone; what was not settled is given back. */
  closed(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    for (const settled of this.#unsettled.values()) settled('released');
    this.#unsettled.clear();
    this.#source?.closed();
  }
}

/** Sends answers, each when the client has given credit for it. */
export class Answers implements AmqpSource {
  readonly #link: OutgoingLink;
  #waiting: AmqpMessage[] = [];

  constructor(link: OutgoingLink) {
    this.#link = link;
  }

  send(message: AmqpMessage): void {
    if (this.#waiting.length < MAX_ANSWERS) this.#waiting.push(message);
    this.#link.wake();
  }

  moved(): void {
    while (this.#link.hasRoom && this.#waiting.length > 0) this.#link.send(this.#waiting.shift() as AmqpMessage);
  }

  closed(): void {
    this.#waiting = [];
  }
}
