import { EventEmitter } from 'node:events';

import rhea, { type Container } from 'rhea';

import type { AmqpError, AmqpMessage } from '../../contract/amqp-service.js';
import { told } from '../../contract/told.js';

// What is used of rhea, as it is: its own types leave out what is internal, and call things there that a peer may leave out.

export interface RheaConnection {
  readonly local: { readonly open: Composite };
  readonly remote: { readonly open?: { idle_time_out: number | undefined } };
  readonly remote_channel_map: Readonly<Record<number, RheaSession | undefined>>;
  readonly sasl_transport?: { readonly selected?: { readonly outcome?: number } };
  /** That the peer asks for. */
  readonly hostname?: string | null;
  on(event: string, listener: (context: RheaContext) => void): void;
  is_open(): boolean;
  accept(socket: EventEmitter): void;
  close(error: AmqpError): void;
  _process(): void;
}

interface Composite {
  value: unknown[];
  idle_time_out?: number;
  described(): unknown;
}

interface RheaSession {
  readonly remote: { readonly handles: Readonly<Record<number, RheaLink | undefined>> };
}

interface Terminus {
  readonly address?: string | null;
  readonly filter?: Readonly<Record<string, unknown>> | null;
}

export interface RheaLink {
  readonly name: string;
  readonly session: RheaSession;
  readonly source?: Terminus | null;
  readonly target?: Terminus | null;
  readonly properties?: Readonly<Record<string, unknown>> | null;
  readonly snd_settle_mode?: number | null;
  readonly credit: number;
  readonly local: { readonly attach: { snd_settle_mode?: number }; readonly detach: { value: unknown[] } };
  is_receiver(): boolean;
  set_source(terminus: Terminus): void;
  set_target(terminus: Terminus): void;
  close(): void;
}

export interface RheaSender extends RheaLink {
  sendable(): boolean;
  send(message: AmqpMessage): RheaDelivery;
  set_drained(isDrained: boolean): void;
}

export interface RheaDelivery {
  readonly remote_settled: boolean;
  readonly remote_state?: { readonly constructor: { readonly composite_type?: string } };
  accept(): void;
  reject(error: AmqpError): void;
  update(isSettled: boolean): void;
}

export interface RheaContext {
  readonly receiver: RheaLink;
  readonly sender: RheaSender;
  readonly session: RheaSession;
  readonly message: AmqpMessage;
  readonly delivery: RheaDelivery;
}

/** What rhea takes for a socket: it writes there and ends it, and is given bytes by `data`. */
export class RheaSocket extends EventEmitter {
  constructor(
    readonly write: (bytes: Buffer) => void,
    readonly end: () => void,
  ) {
    super();
  }

  /** For rhea's log. */
  get_id_string(): string {
    return 'a client of the emulator';
  }
}

/** Messages that a client may send before it is answered. */
const CREDIT = 100;

/** The server's side of one connection. Its clocks are not rhea's: those run on the machine's time. */
export function newRhea(containerId: string, maxFrame: number, idleMs: number): [Container, RheaConnection] {
  const container = rhea.create_container({ id: containerId });
  const connection = container.create_connection({
    ...{ container_id: containerId, max_frame_size: maxFrame, channel_max: 255 },
    ...{ receiver_options: { autoaccept: false, credit_window: CREDIT }, enable_sasl_external: false },
  } as never) as unknown as RheaConnection;
  // rhea would watch the time by itself, if it knew that the peer is told of it.
  const { open } = connection.local;
  const { described } = Object.getPrototypeOf(open) as Composite;
  const sent = Object.create(open) as Composite;
  sent.value = [...open.value];
  sent.idle_time_out = idleMs;
  open.described = () => described.call(sent);
  return [container, connection];
}

/** Ends a link with an error. rhea's own way has texts as keys of `info`, where the standard wants symbols. */
export function detach(link: RheaLink, { condition, description, info = {} }: AmqpError): void {
  const { types } = rhea;
  const fields = [types.wrap_symbol(condition), types.wrap_string(told(description))];
  if (Object.keys(info).length > 0) fields.push(types.wrap_symbolic_map(info));
  link.local.detach.value[2] = types.wrap_described(fields, ERROR);
  link.close();
}

/** The descriptor of an error (AMQP 1.0, 2.8.14). */
const ERROR = 0x1d;
