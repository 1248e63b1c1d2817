import type { Peer } from './peer.js';

/**
 * CONNACK return codes of MQTT 3.1.1, 3.2.2.3. DPS and Hub answer 5 to whatever they don't like (protocol.md#refusals); 3 is what
 * older reports show for a disabled device.
 */
export type RefusalCode = 1 | 2 | 3 | 4 | 5;

/** SUBACK codes, 3.9.3: QoS 2 is never granted (protocol.md#dps-exchange, protocol.md#hub-connect). */
export type GrantedQos = 0 | 1 | 0x80;

/**
 * What becomes of a PUBLISH to a topic that a service does not document, of which no source tells: the connection is
 * closed, or the message is acknowledged and forgotten.
 */
export type UndocumentedTopic = 'close' | 'ignore';

export interface IncomingMessage {
  readonly topic: string;
  readonly payload: Buffer;
  readonly qos: 0 | 1 | 2;
  readonly retain: boolean;
  readonly duplicate: boolean;
  /** Of a PUBLISH with QoS 1 or 2. */
  readonly packetId?: number | undefined;
}

/** What a CONNECT said, and its sender. */
export interface ConnectRequest {
  readonly clientId: string;
  readonly username: string;
  /** Empty for X.509; a SAS token otherwise. A secret: never to be put into an error or an event. */
  readonly password: Buffer;
  readonly cleanSession: boolean;
  /** Seconds; 0 is none. */
  readonly keepAlive: number;
  readonly will?: IncomingMessage | undefined;
  readonly peer: Peer;
}

/** The connection, as a service sees it. */
export interface Link {
  readonly isOpen: boolean;
  /** Sends a PUBLISH; QoS 1 with a new packet id, which is returned. Nothing happens on a closed connection. */
  publish(topic: string, payload: Buffer, qos: 0 | 1): number | undefined;
  /** Sends a PUBLISH of QoS 1 once more, on a session that was come back to: DUP, and its packet id (MQTT-4.4.0-1). */
  publishAgain(packetId: number, topic: string, payload: Buffer): void;
  /** Sends the PUBACK for a message for which `MqttSession.publish` did not ask for one. */
  acknowledge(packetId: number): void;
  /** Sends what is queued, then closes. `reason` is given to the session's `closed`. */
  close(reason: string): void;
}

/** A service that speaks MQTT: DPS and Hub. */
export interface MqttService {
  /** Decides on a CONNECT: takes it, with a session, or refuses it. */
  connect(request: ConnectRequest, link: Link): ConnectVerdict;
}

export interface ConnectRefusal {
  readonly refuse: RefusalCode;
  /** In words. */
  readonly reason?: string;
}

export type ConnectVerdict = { readonly session: MqttSession; readonly sessionPresent: boolean } | ConnectRefusal;

/** One accepted connection of a service. */
export interface MqttSession {
  /** Longest time without a packet in clock ms, whatever keepalive the client said. */
  readonly maxSilenceMs?: number;
  /** The CONNACK is on its way: from now on the session may send. */
  opened(): void;
  /** Returns whether to acknowledge it, where its QoS is 1. */
  publish(message: IncomingMessage): boolean;
  subscribe(filter: string, qos: 0 | 1 | 2): GrantedQos;
  /** The SUBACK is on its way: what waited for a subscription may be sent now. */
  subscribed(): void;
  unsubscribe(filter: string): void;
  /** A PUBACK for what `Link.publish` sent. */
  acknowledged(packetId: number): void;
  /** The connection is gone; `byDisconnect` says that the client ended it properly, so that its will is void. */
  closed(reason: string, byDisconnect: boolean): void;
}
