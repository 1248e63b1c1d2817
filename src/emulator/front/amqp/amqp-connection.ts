import type { Duplex } from 'node:stream';

import type { Clock } from '../../../clock/index.js';
import { messageOf } from '../../../errors.js';
import type { AmqpError, AmqpMessage, AmqpNode, AmqpService } from '../../contract/amqp-service.js';
import { told } from '../../contract/told.js';
import type { ClosedBy, TraceFact } from '../../observe/trace/trace-entry.js';
import { closeGently } from '../close-gently.js';
import { Outbox } from '../outbox.js';
import { SilenceTimer } from '../silence-timer.js';
import { FrameGuard } from './frame-guard.js';
import { FrameSplitter, isHeader } from './frame-splitter.js';
import { CBS, Grants } from './grants.js';
import { Heartbeat } from './heartbeat.js';
import { Answers, OutgoingLink, type LinkConnection } from './outgoing-link.js';
import {
  detach,
  newRhea,
  RheaSocket,
  type RheaConnection,
  type RheaContext,
  type RheaLink,
  type RheaSender,
} from './rhea.js';
import { offerMechanisms } from './sasl.js';
import { tracedFrame } from './traced-frame.js';

/** Clock ms until the client has opened its connection, as with MQTT's CONNECT. */
const OPEN_TIMEOUT = 30_000;
/** Clock ms of silence after which a connection is closed; the peer is told half of it (AMQP 1.0, 2.4.5). */
const IDLE_TIMEOUT = 240_000;
/** Bytes of a frame that the emulator takes, as Azure says it (protocol.md#service-amqp). */
const MAX_FRAME = 65_536;
/** Bytes that wait for a client above which nothing more is read from it, nor sent on its links. */
const WRITING_STOPS = 128 * 1024;

export interface AmqpConnectionOptions {
  readonly clock: Clock;
  /** See StateStore. */
  saved(): Promise<void> | undefined;
  /** See Tracer. */
  readonly isTraced: () => boolean;
  trace(fact: (payloadLimit: number) => TraceFact): void;
  /** By the name that the client says; undefined: nobody has it. */
  serviceFor(host: string): AmqpService | undefined;
  /** A client has shown a token that is right. */
  accepted(): void;
  /** What was refused on it, and why. */
  refused(reason: string): void;
  closed(by: ClosedBy, reason: string): void;
}

/** One AMQP 1.0 connection, server side: rhea speaks the protocol, behind a guard; services have the nodes. */
export class AmqpConnection {
  readonly #stream: Duplex;
  readonly #options: AmqpConnectionOptions;
  readonly #outbox: Outbox;
  readonly #splitter = new FrameSplitter(MAX_FRAME);
  readonly #guard = new FrameGuard();
  readonly #grants: Grants;
  readonly #rhea: RheaConnection;
  readonly #socket: RheaSocket;
  readonly #outgoing = new Map<RheaSender, OutgoingLink>();
  readonly #incoming = new Map<RheaLink, AmqpNode>();
  readonly #answers = new Map<OutgoingLink, Answers>();
  #silence: SilenceTimer;
  #heartbeat: Heartbeat | undefined;
  #service: AmqpService | undefined;
  #isWaiting = false;
  #isReading = false;
  #open = true;

  constructor(stream: Duplex, options: AmqpConnectionOptions) {
    const { clock } = options;
    this.#stream = stream;
    this.#options = options;
    this.#outbox = new Outbox(stream, {
      saved: options.saved,
      failed: (error) => this.abort(messageOf(error)),
      moved: () => this.#moved(),
    });
    this.#grants = new Grants({
      clock,
      service: () => this.#service,
      accepted: () => options.accepted(),
      refused: (reason) => options.refused(reason),
      expired: () => this.#closeUngranted(),
    });
    this.#socket = new RheaSocket(
      (bytes) => this.#write(bytes),
      () => this.#end('client', 'the client closed the connection'),
    );
    const [container, connection] = newRhea('sphere-iot', MAX_FRAME, IDLE_TIMEOUT / 2);
    this.#rhea = connection;
    offerMechanisms(container, (user, token, host) => this.#plain(user, token, host));
    container.on('error', () => undefined);
    this.#listen();
    connection.accept(this.#socket);
    this.#silence = new SilenceTimer(clock, OPEN_TIMEOUT, () => this.close(LATE));
    stream.on('data', this.#read);
    stream.on('error', (error) => this.#ended('network', `connection error: ${messageOf(error)}`));
    stream.on('end', () => this.#end('client', 'the client closed the connection without close'));
    stream.on('close', () => this.#ended('network', 'the connection was lost'));
  }

  /** Ends it with an error, of which the client is told. */
  close(error: AmqpError): void {
    if (!this.#open) return;
    if (this.#rhea.is_open()) this.#rhea.close({ ...error, description: told(error.description) });
    // rhea writes the close in a later turn.
    setImmediate(() => this.#finish());
    this.#ended('service', error.description);
  }

  /** Ends it without a word. */
  abort(reason: string): void {
    if (!this.#open) return void this.#stream.destroy();
    this.#stream.destroy();
    this.#ended('network', reason);
  }

  readonly #read = (bytes: Buffer): void => {
    if (!this.#open) return;
    this.#splitter.add(bytes);
    this.#goOn();
  };

  get #isReady(): boolean {
    return this.#open && !this.#isWaiting && this.#outbox.waiting <= WRITING_STOPS;
  }

  /** Reads what came, as long as the client takes what it is answered. */
  #goOn(): void {
    if (this.#isReading) return;
    this.#isReading = true;
    while (this.#isReady && this.#readPiece());
    this.#isReading = false;
    if (!this.#open) return;
    if (this.#isReady) this.#stream.resume();
    else this.#stream.pause();
  }

  #readPiece(): boolean {
    const piece = this.#splitter.next();
    if (piece === undefined) return false;
    if (typeof piece === 'string') this.#malformed({ condition: 'amqp:connection:framing-error', description: piece });
    else this.#received(piece);
    return true;
  }

  #received(piece: Buffer): void {
    if (this.#rhea.is_open()) this.#silence.heard();
    const fault = isHeader(piece) ? headerFault(piece) : this.#guard.fault(piece, this.#hasCredit);
    if (fault !== undefined) return this.#malformed(fault);
    this.#options.trace((limit) => ({ type: 'frame', direction: 'in', frame: tracedFrame(piece, limit) }));
    // rhea catches what it throws itself, and tells by `error`.
    this.#socket.emit('data', piece);
    if (!isHeader(piece) && piece[5] === SASL) this.#awaitSasl();
  }

  readonly #hasCredit = (channel: number, handle: number): boolean => {
    const link = this.#rhea.remote_channel_map[channel]?.remote.handles[handle];
    return link?.is_receiver() === true && link.credit > 0;
  };

  #malformed(error: AmqpError): void {
    this.#options.refused(`malformed AMQP: ${error.description}`);
    this.close(error);
  }

  /** rhea decides on SASL in a later turn; what follows belongs to another protocol header. */
  #awaitSasl(): void {
    this.#isWaiting = true;
    setImmediate(() => {
      this.#isWaiting = false;
      const outcome = this.#rhea.sasl_transport?.selected?.outcome;
      if (outcome !== undefined && outcome !== 0) this.#end('service', 'SASL was refused');
      else this.#goOn();
    });
  }

  #plain(user: string, token: string, host: string | undefined): boolean {
    this.#service ??= this.#options.serviceFor(host ?? '');
    const fault = this.#grants.put(host ?? '', token);
    if (fault !== undefined) this.#options.refused(`SASL PLAIN of ${user}: ${fault}`);
    return fault === undefined;
  }

  #write(bytes: Buffer): void {
    this.#heartbeat?.wrote();
    for (const piece of this.#options.isTraced() ? piecesOf(bytes) : [])
      this.#options.trace((limit) => ({ type: 'frame', direction: 'out', frame: tracedFrame(piece, limit) }));
    this.#outbox.send(bytes);
  }

  #moved(): void {
    this.#goOn();
    for (const link of this.#outgoing.values()) link.wake();
  }

  /** Each listener in a try: rhea calls some of them in turns of its own, where nobody would catch it. */
  #listen(): void {
    const on = (name: string, act: (context: RheaContext) => void): void => {
      this.#rhea.on(name, (context) => this.#try(() => act(context)));
    };
    const process = this.#rhea._process.bind(this.#rhea);
    this.#rhea._process = () => this.#try(process);
    on('error', (error) => this.#failed(error));
    on('protocol_error', (error) => this.#failed(error));
    for (const quiet of ['connection_error', 'session_error', 'sender_error', 'receiver_error', 'disconnected'])
      on(quiet, () => undefined);
    on('connection_open', () => this.#opened());
    on('sender_open', ({ sender }) => this.#attachSender(sender));
    on('receiver_open', ({ receiver }) => this.#attachReceiver(receiver));
    on('message', ({ receiver, message, delivery }) => {
      const error = this.#incoming.get(receiver)?.take?.(message, (answer) => this.#answer(receiver, message, answer));
      if (error === undefined) return delivery.accept();
      this.#options.refused(`a message to ${receiver.target?.address ?? ''}: ${error.description}`);
      delivery.reject({ ...error, description: told(error.description) });
    });
    for (const outcome of ['accepted', 'rejected', 'released', 'modified', 'settled'])
      on(outcome, ({ sender, delivery }) => this.#outgoing.get(sender)?.ended(delivery));
    on('sendable', ({ sender }) => this.#outgoing.get(sender)?.wake());
    on('sender_draining', ({ sender }) => this.#outgoing.get(sender)?.drain());
    on('sender_close', ({ sender }) => this.#senderGone(sender));
    on('receiver_close', ({ receiver }) => void this.#incoming.delete(receiver));
    on('session_close', ({ session }) => this.#sessionGone(session));
  }

  #try(act: () => void): void {
    try {
      act();
    } catch (error) {
      this.#failed(error);
    }
  }

  #failed(error: unknown): void {
    if (!this.#open) return;
    const description = `The emulator could not go on with what came: ${messageOf(error)}`;
    this.#malformed({ condition: 'amqp:internal-error', description });
  }

  #opened(): void {
    const { clock, serviceFor } = this.#options;
    const { remote } = this.#rhea;
    const interval = remote.open?.idle_time_out;
    if (remote.open !== undefined) remote.open.idle_time_out = undefined;
    this.#service ??= serviceFor(this.#rhea.hostname ?? '');
    this.#silence.cancel();
    this.#silence = new SilenceTimer(clock, IDLE_TIMEOUT, () => this.close(IDLE));
    if (interval) this.#heartbeat = new Heartbeat(clock, interval / 2, (bytes) => this.#outbox.send(bytes));
    if (this.#service !== undefined) return;
    const description = `The emulator has no hub by the name ${this.#rhea.hostname ?? ''}; DPS and devices speak MQTT.`;
    this.#options.refused(description);
    // In the turn after rhea's own open.
    setImmediate(() => this.close({ condition: 'amqp:not-found', description }));
  }

  #attachReceiver(receiver: RheaLink): void {
    const node = this.#nodeFor(receiver, receiver.target?.address);
    if (node === undefined) return;
    if (node.take === undefined) return this.#refuse(receiver, notAllowed('sends', node));
    echo(receiver);
    this.#incoming.set(receiver, node);
  }

  #attachSender(sender: RheaSender): void {
    const node = this.#nodeFor(sender, sender.source?.address);
    if (node === undefined) return;
    const link = new OutgoingLink(node.path, sender, this.#links);
    const source = node.answers ? new Answers(link) : node.open?.(link);
    if (source === undefined) return this.#refuse(sender, notAllowed('receives', node));
    if ('condition' in source) return this.#refuse(sender, source);
    echo(sender);
    this.#outgoing.set(sender, link);
    if (source instanceof Answers) this.#answers.set(link, source);
    link.feed(source);
  }

  #nodeFor(link: RheaLink, given: string | null | undefined): AmqpNode | undefined {
    const address = given ?? '';
    const node = isCbs(address) ? this.#cbs : this.#service?.node(address);
    if (node === undefined) return undefined;
    const error = 'condition' in node ? node : node === this.#cbs ? undefined : this.#grants.fault(node);
    if (error === undefined) return node as AmqpNode;
    this.#refuse(link, error);
    return undefined;
  }

  readonly #links: LinkConnection = {
    hasRoom: () => this.#outbox.waiting <= WRITING_STOPS,
    try: (act) => this.#try(act),
  };

  readonly #cbs: AmqpNode = {
    right: 'ServiceConnect',
    path: CBS,
    answers: true,
    take: (message, answer) => this.#grants.take(message, answer),
  };

  #refuse(link: RheaLink, error: AmqpError): void {
    if (error.condition !== 'amqp:link:redirect') this.#options.refused(`the link ${link.name}: ${error.description}`);
    detach(link, error);
  }

  /** On the link of the client that has its answers: the one that it names, else one of the same session. */
  #answer(receiver: RheaLink, asked: AmqpMessage, message: AmqpMessage): void {
    const { path } = this.#incoming.get(receiver) as AmqpNode;
    const name = asked['reply_to'];
    const links = [...this.#answers.keys()].filter((link) => link.path === path);
    const isNamed = ({ sender }: OutgoingLink): boolean => sender.name === name || sender.target?.address === name;
    const link =
      links.findLast((each) => name !== undefined && isNamed(each)) ??
      links.findLast(({ sender }) => sender.session === receiver.session) ??
      links.at(-1);
    if (link !== undefined) this.#answers.get(link)?.send(message);
  }

  #closeUngranted(): void {
    for (const [receiver, node] of [...this.#incoming]) {
      const error = node === this.#cbs ? undefined : this.#grants.fault(node);
      if (error === undefined) continue;
      this.#incoming.delete(receiver);
      this.#refuse(receiver, error);
    }
    for (const link of [...this.#outgoing.values()]) {
      const error = link.path === CBS ? undefined : this.#grants.fault({ path: link.path, right: 'ServiceConnect' });
      if (error === undefined) continue;
      this.#options.refused(`the link ${link.sender.name}: ${error.description}`);
      link.close(error);
      this.#senderGone(link.sender);
    }
  }

  #senderGone(sender: RheaSender): void {
    const link = this.#outgoing.get(sender);
    if (link === undefined) return;
    this.#outgoing.delete(sender);
    this.#answers.delete(link);
    link.closed();
  }

  #sessionGone(session: unknown): void {
    for (const sender of [...this.#outgoing.keys()]) if (sender.session === session) this.#senderGone(sender);
    for (const receiver of [...this.#incoming.keys()])
      if (receiver.session === session) this.#incoming.delete(receiver);
  }

  #end(by: ClosedBy, reason: string): void {
    if (!this.#open) return;
    setImmediate(() => this.#finish());
    this.#ended(by, reason);
  }

  /** Lets go out what was written. */
  #finish(): void {
    this.#outbox.flush(() => closeGently(this.#stream, this.#options.clock));
  }

  #ended(by: ClosedBy, reason: string): void {
    if (!this.#open) return;
    this.#open = false;
    this.#splitter.clear();
    this.#silence.cancel();
    this.#heartbeat?.cancel();
    this.#grants.close();
    try {
      for (const sender of [...this.#outgoing.keys()]) this.#senderGone(sender);
      this.#options.closed(by, reason);
    } catch {
      // The connection is gone; there is nobody to tell.
    }
  }
}

/** The type of SASL's frames (AMQP 1.0, 5.3.1). */
const SASL = 1;
const LATE: AmqpError = { condition: 'amqp:connection:forced', description: 'no AMQP open came' };
const IDLE: AmqpError = {
  condition: 'amqp:connection:forced',
  description: `The connection was inactive for more than ${IDLE_TIMEOUT} ms.`,
};

/** Headers and frames of what rhea writes at once, each of which is whole. */
function* piecesOf(bytes: Buffer): Generator<Buffer> {
  const splitter = new FrameSplitter(Infinity);
  splitter.add(bytes);
  for (let piece = splitter.next(); Buffer.isBuffer(piece); piece = splitter.next()) yield piece;
}

/** Plain AMQP, or SASL before it; version 1.0.0. */
function headerFault(header: Buffer): AmqpError | undefined {
  const [protocol, ...version] = header.subarray(4);
  if ((protocol === 0 || protocol === 3) && version.join('.') === '1.0.0') return undefined;
  return { condition: 'amqp:connection:framing-error', description: 'It is another protocol than AMQP 1.0.' };
}

function isCbs(address: string): boolean {
  return address === CBS || address.endsWith(`/${CBS}`);
}

function notAllowed(role: string, { path }: AmqpNode): AmqpError {
  return { condition: 'amqp:not-allowed', description: `No client ${role} at ${path}.` };
}

/** The answer to an attach says what was attached to; without it, the link is refused. Java leaves a terminus out. */
function echo(link: RheaLink): void {
  const { source, target, snd_settle_mode: mode, local } = link;
  if (source) link.set_source({ address: source.address ?? null, filter: source.filter ?? null });
  if (target) link.set_target({ address: target.address ?? null });
  if (typeof mode === 'number') local.attach.snd_settle_mode = mode;
}
