import rhea from 'rhea';

import type { Right } from '../identity/access-policies.js';
import { told } from './told.js';

/** Why AMQP refuses something (AMQP 1.0, 2.8.14): `amqp:not-found` is a condition. */
export interface AmqpError {
  readonly condition: string;
  /** In words. */
  readonly description: string;
  /** What a client needs to go elsewhere. */
  readonly info?: Readonly<Record<string, unknown>>;
}

/** What a token allows, from when it was put until it expires. */
export interface AmqpGrant {
  /** The path below the host that it is for, in lower case; '' for all of it. */
  readonly path: string;
  readonly rights: readonly Right[];
  /** Clock ms. */
  readonly expiresAt: number;
}

/** How a delivery ended (AMQP 1.0, 3.4). */
export type AmqpOutcome = 'accepted' | 'rejected' | 'released';

/** A link on which the service sends. */
export interface AmqpOutgoing {
  /** What the client asks for: filters by name, each a value. */
  readonly filters: Readonly<Record<string, unknown>>;
  /** Of the link, as the client gave them. */
  readonly properties: Readonly<Record<string, unknown>>;
  /** Whether the client takes another message now. */
  readonly hasRoom: boolean;
  /** Sends one, if it has room. `settled` is told how it ended, also where the link ends before: then it is released. */
  send(message: AmqpMessage, settled?: (outcome: AmqpOutcome) => void): void;
  /** Has its source's `moved` called, in a later turn. */
  wake(): void;
  /** Ends the link. */
  close(error: AmqpError): void;
}

/** What sends on a link. */
export interface AmqpSource {
  /** The client may take more than before. */
  moved(): void;
  /** The link is gone. */
  closed(): void;
}

/** What a client finds at an address. */
export interface AmqpNode {
  readonly right: Right;
  /** For the grants: the path below the host, in lower case. */
  readonly path: string;
  /** Takes a message; the error with which it is rejected, or undefined. Undefined where nobody sends to it. */
  readonly take?: (message: AmqpMessage, answer: (message: AmqpMessage) => void) => AmqpError | undefined;
  /** Whether a link from it has the answers to what it took. */
  readonly answers?: true;
  /** Begins to send. Undefined where nothing comes from it but answers. */
  readonly open?: (link: AmqpOutgoing) => AmqpSource | AmqpError;
}

/** A message as rhea has it: sections of AMQP 1.0, 3.2, with the fields of `properties` and `header` beside them. */
export type AmqpMessage = Readonly<Record<string, unknown>>;

/** A service that speaks AMQP: a hub, with its Event Hubs-compatible endpoint. */
export interface AmqpService {
  /** What a token allows for `audience`, which is an URI or a host name with or without a path; or why it is refused, in words. */
  authorize(audience: string, token: string): AmqpGrant | string;
  /** @param address With or without scheme and host. */
  node(address: string): AmqpNode | AmqpError;
}

/** An answer with a status, as `$cbs` and `$management` give it, correlated with what was asked. */
export function statusAnswer(message: AmqpMessage, status: number, description: string): AmqpMessage {
  return {
    correlation_id: message['message_id'],
    application_properties: { 'status-code': rhea.types.wrap_int(status), 'status-description': told(description) },
    body: '',
  };
}

/** Data of a message's body as one buffer; undefined where it is something else. */
export function bytesOf({ body }: { readonly body?: unknown }): Buffer | undefined {
  const { typecode, content } = (body ?? {}) as { typecode?: unknown; content?: unknown };
  if (typecode !== DATA) return undefined;
  const parts: readonly unknown[] = Array.isArray(content) ? content : [content];
  return parts.every(Buffer.isBuffer) ? Buffer.concat(parts) : undefined;
}

/** The descriptor of a data section. */
const DATA = 0x75;
