import type { AmqpError } from '../../contract/amqp-service.js';
import { MalformedValue, Values, type DescribedList } from './values.js';

/** Performatives (AMQP 1.0, 2.7). */
const OPEN = 0x10;
const BEGIN = 0x11;
const ATTACH = 0x12;
const TRANSFER = 0x14;
const DISPOSITION = 0x15;
const DETACH = 0x16;
const END = 0x17;
const CLOSE = 0x18;

/** Of one connection, at once; chosen: an event processor has a session and a link for each partition. */
const MAX_SESSIONS = 256;
const MAX_LINKS = 512;
/** Bytes of messages of which the last frame did not come. */
const MAX_UNFINISHED = 1024 * 1024;
/** Deliveries that one disposition may settle: no session has more that are not settled. */
const MAX_DISPOSED = 4096;
/** The least that a peer may say (AMQP 1.0, 2.7.1). */
const MIN_FRAME = 512;
/** Of sections of a message (AMQP 1.0, 3.2), and of outcomes (3.4). */
const SECTIONS = { from: 0x70, to: 0x78 };
const OUTCOMES = { from: 0x23, to: 0x27 };

interface Unfinished {
  readonly parts: Buffer[];
}

/**
 * Looks at each frame before rhea does, which takes what a peer says for true: how many values there are, how many deliveries it
 * speaks of, how long a message becomes. What it lets through costs no more than its bytes.
 */
export class FrameGuard {
  readonly #unfinished = new Map<string, Unfinished>();
  #waiting = 0;
  #sessions = 0;
  #links = 0;

  /**
   * @param hasCredit Whether the link of a channel and handle may send another message.
   * @returns Why the connection has to end; undefined where rhea may see the frame.
   */
  fault(frame: Buffer, hasCredit: (channel: number, handle: number) => boolean): AmqpError | undefined {
    try {
      return this.#fault(frame, hasCredit);
    } catch (error) {
      if (!(error instanceof MalformedValue)) throw error;
      return { condition: 'amqp:decode-error', description: `The frame has ${error.message}.` };
    }
  }

  #fault(frame: Buffer, hasCredit: (channel: number, handle: number) => boolean): AmqpError | undefined {
    const begin = 4 * (frame[4] as number);
    if (begin < 8 || begin > frame.length) return framing('The frame has a data offset that is not in it.');
    if (frame.length === begin) return undefined; // An empty one: the peer is there.
    const values = new Values(frame.subarray(begin));
    const performative = values.describedList(0);
    if (frame[5] === 1) return undefined;
    if (frame[5] !== 0) return framing(`There is no frame type ${frame[5]}.`);
    switch (performative.code) {
      case OPEN:
        return openFault(values, performative);
      case BEGIN:
        return ++this.#sessions > MAX_SESSIONS ? tooMany(`${MAX_SESSIONS} sessions`) : undefined;
      case ATTACH:
        return ++this.#links > MAX_LINKS ? tooMany(`${MAX_LINKS} links`) : undefined;
      case DETACH:
        return void this.#links--;
      case END:
        return void this.#sessions--;
      case DISPOSITION:
        return dispositionFault(values, performative);
      case TRANSFER:
        return this.#transferFault(frame, values, performative, hasCredit);
      default:
        return performative.code >= OPEN && performative.code <= CLOSE ? undefined : framing('It is no performative.');
    }
  }

  #transferFault(
    frame: Buffer,
    values: Values,
    { fields, end }: DescribedList,
    hasCredit: (channel: number, handle: number) => boolean,
  ): AmqpError | undefined {
    const channel = frame.readUInt16BE(6);
    const handle = values.number(fields[0]);
    if (typeof handle !== 'number') return framing('A transfer has no handle.');
    if (values.number(fields[9]) === true)
      return { condition: 'amqp:not-implemented', description: 'Deliveries can not be aborted here.' };
    const key = `${channel}/${handle}`;
    const known = this.#unfinished.get(key);
    if (known === undefined && !hasCredit(channel, handle))
      return { condition: 'amqp:link:transfer-limit-exceeded', description: 'The link has no credit.' };
    const { parts } = known ?? { parts: [] };
    const part = frame.subarray(4 * (frame[4] as number) + end);
    parts.push(part);
    this.#waiting += part.length;
    if (this.#waiting > MAX_UNFINISHED)
      return {
        condition: 'amqp:link:message-size-exceeded',
        description: `Messages that are not whole have more than ${MAX_UNFINISHED} bytes.`,
      };
    if (values.number(fields[5]) === true) return void this.#unfinished.set(key, { parts });
    this.#unfinished.delete(key);
    this.#waiting -= parts.reduce((sum, each) => sum + each.length, 0);
    return messageFault(parts.length === 1 ? part : Buffer.concat(parts));
  }
}

function openFault(values: Values, { fields }: DescribedList): AmqpError | undefined {
  const longest = values.number(fields[2]);
  if (longest === undefined || (typeof longest === 'number' && longest >= MIN_FRAME)) return undefined;
  return framing(`A max-frame-size has to be ${MIN_FRAME} at least.`);
}

function dispositionFault(values: Values, { fields }: DescribedList): AmqpError | undefined {
  const first = values.number(fields[1]);
  const last = values.number(fields[2]) ?? first;
  if (typeof first !== 'number' || typeof last !== 'number') return framing('A disposition names no delivery.');
  if (last - first >= MAX_DISPOSED) return framing(`A disposition names more than ${MAX_DISPOSED} deliveries.`);
  const outcome = fields[4] === undefined ? 'null' : values.descriptor(fields[4]);
  const isKnown = outcome === 'null' || (outcome !== undefined && isIn(OUTCOMES, outcome));
  return isKnown ? undefined : framing('A disposition has a state that is none.');
}

function messageFault(message: Buffer): AmqpError | undefined {
  const sections = new Values(message).descriptors();
  if (sections.every((section) => typeof section === 'number' && isIn(SECTIONS, section))) return undefined;
  return { condition: 'amqp:decode-error', description: 'The message has a section that is none.' };
}

function isIn({ from, to }: { readonly from: number; readonly to: number }, code: number): boolean {
  return code >= from && code <= to;
}

function framing(description: string): AmqpError {
  return { condition: 'amqp:connection:framing-error', description };
}

function tooMany(what: string): AmqpError {
  return { condition: 'amqp:resource-limit-exceeded', description: `The connection has ${what} already.` };
}
