import type { Duplex } from 'node:stream';

import { generate, parser, type IPublishPacket, type ISubscribePacket, type Packet } from 'mqtt-packet';

import { defined } from '../../../defined.js';
import type { Clock } from '../../../clock/index.js';
import { messageOf } from '../../../errors.js';
import { rememberSignature } from '../../../known-signatures.js';
import { closeGently } from '../close-gently.js';
import { ConnectionFaults } from '../../faults/connection-faults.js';
import type { Fault, Strike } from '../../faults/fault.js';
import { LateSender } from '../../faults/late-sender.js';
import { readSlowly } from '../../faults/read-slowly.js';
import type { Peer } from '../../contract/peer.js';
import type { ClosedBy, TraceDirection } from '../../observe/trace/trace-entry.js';
import { tracedPacket } from '../../observe/trace/traced-packet.js';
import type { Tracer } from '../../observe/trace/tracer.js';
import { messageOf as incomingMessage, requestOf } from './incoming.js';
import { encoded } from './encoded.js';
import { Outbox } from '../outbox.js';
import { packetFault } from '../../codec/packet-fault.js';
import { PacketSplitter } from '../../codec/packet-splitter.js';
import { decideConnect, type ConnectContext } from './decide-connect.js';
import type { Link, MqttSession, RefusalCode } from '../../contract/mqtt-service.js';
import { SilenceTimer } from '../silence-timer.js';

/** Clock ms until the CONNECT has to be there (MQTT 3.1.4). */
const CONNECT_TIMEOUT = 30_000;
/**
 * Bytes of a CONNECT: a will has 64 KiB at most (MQTT 3.1.3.3), and the rest some hundred. Until it is there, no peer has proved its identity.
 */
const MAX_CONNECT_BYTES = 72 * 1024;
/** Bytes of a packet after which it can't be one that any service takes: the largest has 256 KB (protocol.md#hub-connect). */
const MAX_PACKET_BYTES = 512 * 1024;
/** Server unavailable (MQTT 3.2.2.3). */
const UNAVAILABLE: Packet = { cmd: 'connack', returnCode: 3, sessionPresent: false };
/** What a client says that goes: for the end of a test, it is no effect of a fault that this gets lost. */
const DISCONNECT = generate({ cmd: 'disconnect' });
/** Bytes that wait for a client above which nothing more is read from it. */
const READING_STOPS = 128 * 1024;
/**
 * Bytes that wait for a client above which it is given up. What it asks for is no more than the former; the rest comes from the cloud's
 * side.
 */
const MAX_WAITING = 16 * 1024 * 1024;
/** Packets that a fault delays above which nothing more is read. */
const MAX_DELAYED = 1000;
/**
 * Filters of one SUBSCRIBE or UNSUBSCRIBE; chosen, as the services have no more than five subscriptions of a device
 * (protocol.md#hub-connect).
 */
const MAX_FILTERS = 10;

export interface MqttConnectionOptions extends ConnectContext {
  readonly clock: Clock;
  readonly peer: Peer;
  readonly tracer: Tracer;
  /** See StateStore. */
  saved(): Promise<void> | undefined;
  /** A CONNECT was taken. */
  accepted(): void;
  closed(end: ConnectionEnd): void;
}

/** How a connection ended. */
export interface ConnectionEnd {
  readonly by: ClosedBy;
  /** In words. */
  readonly reason: string;
  /** Once a CONNECT was read. */
  readonly clientId?: string;
}

/**
 * One MQTT 3.1.1 connection, server side: parses, enforces what the standard asks of a server, keeps packet ids, and
 * hands what is left to the service. What a client does wrong closes its connection and nothing else.
 */
export class MqttConnection implements Link {
  readonly #stream: Duplex;
  readonly #options: MqttConnectionOptions;
  readonly #outbox: Outbox;
  readonly #parser = parser();
  readonly #splitter = new PacketSplitter(MAX_CONNECT_BYTES);
  readonly #inFlight = new Set<number>();
  #lastPacketId = 0;
  #clientId: string | undefined;
  #session: MqttSession | undefined;
  #silence: SilenceTimer | undefined;
  #faults: ConnectionFaults | undefined;
  #late: LateSender<Packet> | undefined;
  #stopSlowReading: (() => void) | undefined;
  #mutedBy: Strike<'halfOpen'> | undefined;
  #reading = false;
  #open = true;

  constructor(stream: Duplex, options: MqttConnectionOptions) {
    this.#stream = stream;
    this.#options = options;
    this.#outbox = new Outbox(stream, {
      saved: options.saved,
      failed: (error) => this.unsaved(error),
      moved: () => this.#goOn(),
    });
    this.#silence = new SilenceTimer(options.clock, CONNECT_TIMEOUT, () => this.close('no CONNECT came'));
    this.#parser.on('packet', (packet) => this.#received(packet));
    this.#parser.on('error', (error: unknown) => this.close(`malformed packet: ${messageOf(error)}`));
    stream.on('data', this.#read);
    stream.on('error', (error) => this.#ended('network', `connection error: ${messageOf(error)}`));
    stream.on('end', () => this.#clientEnded());
    stream.on('close', () => this.#ended('network', 'the connection was lost'));
  }

  get isOpen(): boolean {
    return this.#open;
  }

  get #muted(): boolean {
    return this.#mutedBy !== undefined;
  }

  publish(topic: string, payload: Buffer, qos: 0 | 1): number | undefined {
    if (!this.#open) return undefined;
    const messageId = qos === 0 ? undefined : this.#nextPacketId();
    // Flags of QoS 0 exactly 0, RETAIN never: umqtt would read QoS 2 (protocol.md#hub-topics).
    this.#send({ cmd: 'publish', topic, payload, qos, dup: false, retain: false, ...defined({ messageId }) });
    return messageId;
  }

  publishAgain(packetId: number, topic: string, payload: Buffer): void {
    if (!this.#open) return;
    this.#inFlight.add(packetId);
    this.#send({ cmd: 'publish', topic, payload, qos: 1, dup: true, retain: false, messageId: packetId });
  }

  acknowledge(packetId: number): void {
    if (this.#open) this.#send({ cmd: 'puback', messageId: packetId });
  }

  close(reason: string): void {
    this.#end('service', reason);
  }

  /** What it was to be told of can't be kept: it has to see that nobody answers, or, where it waits for its CONNACK, is told. */
  unsaved(error: unknown): void {
    if (this.#clientId === undefined) return;
    if (!this.#outbox.hasWritten && !this.#muted && this.#stream.writable) {
      this.#stream.write(generate(UNAVAILABLE));
      closeGently(this.#stream, this.#options.clock);
      this.#trace('out', UNAVAILABLE);
      this.#ended('service', messageOf(error));
    } else if (this.#open) this.#abort(messageOf(error));
    else this.#stream.destroy();
  }

  /** A fault was added, which may strike a connection that is open. */
  faultAdded(fault: Fault): void {
    this.#faults?.added(fault);
  }

  readonly #read = (bytes: Buffer): void => {
    if (!this.#open) return;
    if (this.#mutedBy !== undefined) {
      if (!bytes.equals(DISCONNECT)) this.#mutedBy.felt();
      return;
    }
    this.#heard();
    this.#splitter.add(bytes);
    this.#goOn();
  };

  /** Reads what came, as long as the client takes what it is answered; the rest of it waits, in the end with the client. */
  #goOn(): void {
    if (this.#reading) return;
    this.#reading = true;
    let hasRead = false;
    while (this.#isReady && this.#readPiece()) hasRead = true;
    this.#reading = false;
    // What waited, because the client did not read, is heard when it is read.
    if (hasRead) this.#heard();
    if (!this.#open || this.#muted) return;
    if (this.#isReady) this.#stream.resume();
    else this.#stream.pause();
  }

  /** False where nothing is whole. */
  #readPiece(): boolean {
    const piece = this.#splitter.next();
    if (piece === undefined) return false;
    try {
      if (piece === 'tooLong') this.#tooLong();
      else this.#parser.parse(piece);
    } catch (error) {
      this.close(`malformed packet: ${messageOf(error)}`);
    }
    return true;
  }

  #tooLong(): void {
    const longest =
      this.#session === undefined ? `${MAX_CONNECT_BYTES} bytes, before CONNECT` : `${MAX_PACKET_BYTES} bytes`;
    this.close(`malformed packet: it is longer than ${longest}`);
  }

  /** Until a CONNECT was taken, time runs whatever is heard. */
  #heard(): void {
    if (this.#session !== undefined) this.#silence?.heard();
  }

  get #isReady(): boolean {
    const delayed = this.#late?.waiting ?? 0;
    return this.#open && !this.#muted && this.#outbox.waiting <= READING_STOPS && delayed <= MAX_DELAYED;
  }

  #received(packet: Packet): void {
    if (!this.#open || this.#muted) return;
    if (packet.cmd === 'connect') rememberSignature(String(packet.password ?? ''));
    this.#identify(packet);
    this.#trace('in', packet);
    const fault = packetFault(packet);
    if (fault !== undefined) return this.close(fault);
    try {
      if (this.#faults?.packet(packet.cmd)) return;
      if (this.#session === undefined) this.#first(packet);
      else this.#dispatch(this.#session, packet);
    } catch (error) {
      this.close(`the emulator failed on a ${packet.cmd} packet: ${messageOf(error)}`);
    }
  }

  /** Whose connection it is, by its first CONNECT. */
  #identify(packet: Packet): void {
    if (packet.cmd !== 'connect' || this.#clientId !== undefined) return;
    this.#clientId = packet.clientId;
    const { faults, peer, target } = this.#options;
    this.#faults = new ConnectionFaults(faults, target(requestOf(packet, peer)), {
      close: (reason) => this.close(reason),
      abort: (reason) => this.#abort(reason),
      mute: (strike) => this.#mute(strike),
      delay: (strike) => this.#delay(strike),
      readSlowly: (strike) => this.#readSlowly(strike),
    });
  }

  /** MQTT-3.1.0-1: the first packet is a CONNECT. */
  #first(packet: Packet): void {
    if (packet.cmd !== 'connect') return this.close(`${packet.cmd} before CONNECT`);
    const verdict = decideConnect(packet, requestOf(packet, this.#options.peer), this, this.#options);
    if ('refuse' in verdict) return this.#refuse(verdict.refuse, verdict.reason ?? `CONNACK ${verdict.refuse}`);
    this.#session = verdict.session;
    this.#splitter.allow(MAX_PACKET_BYTES);
    this.#options.accepted();
    this.#watchSilence(packet.keepalive ?? 0, verdict.session);
    this.#send({ cmd: 'connack', returnCode: 0, sessionPresent: verdict.sessionPresent });
    verdict.session.opened();
  }

  /** MQTT-3.2.2-4: no session present with a refusal; 3.2.2-5: then close. */
  #refuse(returnCode: RefusalCode, reason: string): void {
    this.#send({ cmd: 'connack', returnCode, sessionPresent: false });
    this.close(`refused: ${reason}`);
  }

  /** MQTT-3.1.2-24: 1.5 times the keepalive; 0 is none. */
  #watchSilence(keepAlive: number, session: MqttSession): void {
    this.#silence?.cancel();
    this.#silence = undefined;
    if (keepAlive === 0) return;
    const longest = Math.min(keepAlive * 1500, session.maxSilenceMs ?? Infinity);
    this.#silence = new SilenceTimer(this.#options.clock, longest, () =>
      this.close(`nothing was heard for ${longest / 1000} s (keepalive ${keepAlive} s)`),
    );
  }

  #dispatch(session: MqttSession, packet: Packet): void {
    switch (packet.cmd) {
      case 'publish':
        return this.#published(session, packet);
      case 'subscribe':
        return this.#subscribe(session, packet);
      case 'unsubscribe':
        if (packet.unsubscriptions.length > MAX_FILTERS) return this.#tooManyFilters(packet.unsubscriptions.length);
        packet.unsubscriptions.forEach((filter) => session.unsubscribe(filter));
        // MQTT-3.10.4-4: always answered. The Node DPS client waits for it (protocol.md#dps-exchange).
        return this.#send({ cmd: 'unsuback', messageId: idOf(packet), granted: [] });
      case 'puback':
        if (this.#inFlight.delete(idOf(packet))) session.acknowledged(idOf(packet));
        return;
      case 'pingreq':
        return this.#send({ cmd: 'pingresp' });
      case 'disconnect':
        // MQTT-3.14.4-3: the server closes if the client did not.
        return this.#end('client', 'the client disconnected', true);
      case 'connect':
        return this.close('a second CONNECT'); // MQTT-3.1.0-2
      default:
        return this.close(`a ${packet.cmd} packet, which a client has no use for`);
    }
  }

  #published(session: MqttSession, packet: IPublishPacket): void {
    // Both services close on QoS 2 (protocol.md#hub-connect).
    if (packet.qos === 2) return this.close('a PUBLISH with QoS 2');
    const acknowledge = session.publish(incomingMessage(packet));
    if (packet.qos === 1 && acknowledge && this.#open) this.#send({ cmd: 'puback', messageId: idOf(packet) });
  }

  #subscribe(session: MqttSession, packet: ISubscribePacket): void {
    if (packet.subscriptions.length > MAX_FILTERS) return this.#tooManyFilters(packet.subscriptions.length);
    const granted = packet.subscriptions.map(({ topic, qos }) => session.subscribe(topic, qos));
    this.#send({ cmd: 'suback', messageId: idOf(packet), granted });
    session.subscribed();
  }

  #tooManyFilters(count: number): void {
    this.close(`${count} filters in one packet, of ${MAX_FILTERS}`);
  }

  /** MQTT-2.3.1-4: one that is not in use. */
  #nextPacketId(): number {
    do this.#lastPacketId = (this.#lastPacketId % 0xffff) + 1;
    while (this.#inFlight.has(this.#lastPacketId) && this.#inFlight.size < 0xffff);
    this.#inFlight.add(this.#lastPacketId);
    return this.#lastPacketId;
  }

  #send(packet: Packet): void {
    if (this.#mutedBy !== undefined) return this.#mutedBy.felt();
    if (this.#outbox.waiting > MAX_WAITING)
      return this.#abort(`the client does not read: ${MAX_WAITING} bytes wait for it`);
    if (this.#late === undefined) this.#put(packet);
    else this.#late.send(packet);
  }

  #put(packet: Packet): void {
    this.#trace('out', packet);
    this.#outbox.send(encoded(packet));
  }

  #delay(strike: Strike<'delay'>): void {
    if (this.#late === undefined)
      this.#late = new LateSender(this.#options.clock, strike, (packet) => this.#put(packet));
    else this.#late.renew(strike);
  }

  #readSlowly(strike: Strike<'slowReader'>): void {
    this.#stopSlowReading?.();
    this.#stopSlowReading = readSlowly(this.#stream, this.#options.clock, strike, {
      read: this.#read,
      isReady: () => this.#isReady,
    });
  }

  /** As a client sees a service that is not there any more, while nobody told it: not even an end will come. */
  #mute(strike: Strike<'halfOpen'>): void {
    this.#mutedBy = strike;
    this.#late?.cancel();
    this.#stream.resume();
  }

  #clientEnded(): void {
    this.#end('client', 'the client closed the connection without DISCONNECT');
    if (this.#muted) closeGently(this.#stream, this.#options.clock);
  }

  #abort(reason: string): void {
    if (!this.#open) return;
    this.#stream.destroy();
    this.#ended('network', reason);
  }

  #end(by: ClosedBy, reason: string, byDisconnect = false): void {
    if (!this.#open) return;
    if (!this.#muted) {
      this.#late?.flush();
      this.#outbox.flush(() => closeGently(this.#stream, this.#options.clock));
    }
    this.#ended(by, reason, byDisconnect);
  }

  #ended(by: ClosedBy, reason: string, byDisconnect = false): void {
    if (!this.#open) return;
    this.#open = false;
    this.#splitter.clear();
    this.#silence?.cancel();
    this.#late?.cancel();
    this.#stopSlowReading?.();
    try {
      this.#session?.closed(reason, byDisconnect);
      this.#options.closed({ by, reason, ...defined({ clientId: this.#clientId }) });
    } catch {
      // The connection is gone; there is nobody to tell.
    }
  }

  #trace(direction: TraceDirection, packet: Packet): void {
    const { peer, tracer } = this.#options;
    if (!tracer.isHeard) return;
    const origin = this.#clientId === undefined ? peer : { ...peer, clientId: this.#clientId };
    tracer.add(origin, (limit) => ({ type: 'packet', direction, packet: tracedPacket(packet, limit) }));
  }
}

/** The parser gives one to each packet that has to have one; its types don't say so. */
function idOf(packet: Packet): number {
  return packet.messageId as number;
}
