import { parser, type Packet } from 'mqtt-packet';
import type { Credential } from '../certificates/index.js';
import type { Clock } from '../clock/index.js';
import type { SphereIotError } from '../errors.js';
import {
  answerFault,
  assignmentOf,
  connectRefusal,
  isDps,
  registrationRefusal,
  type RefusalContext,
  type Registrations,
} from './refusal.js';
import { WebSocketUnwrapper } from './websocket-unwrapper.js';

export interface ObserverOptions {
  readonly clock: Clock;
  /** Host name of the service. */
  readonly name: string;
  readonly credential: Credential | undefined;
  /** The bytes are those of a WebSocket that the SDK frames. */
  readonly framed: boolean;
  /** Shared by the connections of a device: those to DPS fill it, those to a hub look into it. */
  readonly registrations: Registrations;
  readonly refused: (error: SphereIotError) => void;
}

/**
 * Reads along on a connection to say why a service refuses: the SDK reports no more than a result code. A hub is listened
 * to until it has accepted the connection, DPS all along; then the observer costs nothing. It never throws.
 */
export class RefusalObserver {
  readonly #options: ObserverOptions;
  readonly #sent: Listener;
  readonly #received: Listener;
  #clientId = '';
  #username = '';
  #listening = true;
  #invalid: SphereIotError | undefined;

  constructor(options: ObserverOptions) {
    this.#options = options;
    this.#sent = new Listener(options.framed, (packet) => this.#onSent(packet));
    this.#received = new Listener(options.framed, (packet) => this.#onReceived(packet));
  }

  sent(bytes: Uint8Array): void {
    // The first packet names the client; nothing else that is sent matters.
    if (this.#clientId === '') this.#read(this.#sent, bytes);
  }

  /** Why the SDK must not get these bytes: an answer of DPS that it would understand in another way than it says. */
  received(bytes: Uint8Array): SphereIotError | undefined {
    this.#read(this.#received, bytes);
    return this.#invalid;
  }

  /** What goes wrong here must not harm the connection: it ends the observer. */
  #read(listener: Listener, bytes: Uint8Array): void {
    if (!this.#listening) return;
    try {
      listener.read(bytes);
    } catch {
      this.#listening = false;
    }
  }

  #onSent(packet: Packet): void {
    if (packet.cmd !== 'connect') return;
    this.#clientId = packet.clientId;
    this.#username = packet.username ?? '';
  }

  #onReceived(packet: Packet): void {
    const { name, refused } = this.#options;
    if (packet.cmd === 'connack') {
      if (packet.returnCode) refused(connectRefusal(packet.returnCode, this.#context()));
      this.#listening = packet.returnCode === 0 && isDps(name);
    } else if (packet.cmd === 'publish') {
      const payload = packet.payload.toString();
      this.#invalid ??= answerFault(name, packet.topic, payload);
      if (this.#invalid !== undefined) return;
      const error = registrationRefusal(packet.topic, payload, this.#context());
      if (error !== undefined) refused(error);
      else this.#registered(assignmentOf(payload));
    }
  }

  #registered(assignment: string | undefined): void {
    const { credential, registrations } = this.#options;
    if (assignment === undefined) return;
    if (credential === undefined) registrations.delete(assignment);
    else registrations.set(assignment, credential.leaf.fingerprint256);
  }

  #context(): RefusalContext {
    const { name, credential, clock, registrations } = this.#options;
    return { name, clientId: this.#clientId, username: this.#username, credential, registrations, now: clock.now() };
  }
}

/** Bytes of a packet of which something is kept: what a service says of a refusal is far shorter. */
const MAX_PACKET_BYTES = 256 * 1024;

/** One direction: bytes to packets. What is no MQTT, or too long, ends it; the SDK will say so too. */
class Listener {
  readonly #parser = parser({ protocolVersion: 4 });
  readonly #unwrapper: WebSocketUnwrapper | undefined;
  #broken = false;

  constructor(framed: boolean, onPacket: (packet: Packet) => void) {
    this.#unwrapper = framed ? new WebSocketUnwrapper() : undefined;
    this.#parser.on('packet', onPacket);
    this.#parser.on('error', () => {
      this.#broken = true;
    });
  }

  read(bytes: Uint8Array): void {
    if (this.#broken) return;
    const chunks = this.#unwrapper === undefined ? [Buffer.from(bytes)] : this.#unwrapper.unwrap(bytes);
    for (const chunk of chunks) if (!this.#broken && this.#parser.parse(chunk) > MAX_PACKET_BYTES) this.#broken = true;
  }
}
