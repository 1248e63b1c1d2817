import rhea from 'rhea';

import { tracedPayload, type TracedPayload } from '../../observe/trace/payload.js';
import type { TracedFrame } from '../../observe/trace/trace-entry.js';
import { isHeader } from './frame-splitter.js';

/** As rhea reads a value: described ones have a descriptor, lists a list of values. */
interface Typed {
  readonly value: unknown;
  readonly descriptor?: { readonly value: unknown };
}

/** Performatives (AMQP 1.0, 2.7 and 5.3.3), with their fields as far as they are shown; '' is none. Of SASL's secrets none is. */
const PERFORMATIVES: Readonly<Record<number, readonly [name: string, ...fields: string[]]>> = {
  0x10: ['open', 'containerId', 'hostname', 'maxFrameSize', 'channelMax', 'idleTimeOut'],
  0x11: ['begin', 'remoteChannel'],
  0x12: ['attach', 'name', 'handle', 'role', '', '', 'source', 'target'],
  0x13: ['flow', '', '', '', '', 'handle', 'deliveryCount', 'linkCredit'],
  0x14: ['transfer', 'handle', 'deliveryId', '', '', 'settled', 'more'],
  0x15: ['disposition', 'role', 'first', 'last', 'settled', 'state'],
  0x16: ['detach', 'handle', 'closed', 'error'],
  0x17: ['end', 'error'],
  0x18: ['close', 'error'],
  0x40: ['sasl-mechanisms', 'mechanisms'],
  0x41: ['sasl-init', 'mechanism'],
  0x42: ['sasl-challenge'],
  0x43: ['sasl-response'],
  0x44: ['sasl-outcome', 'code'],
};
const STATES: Readonly<Record<number, string>> = {
  0x23: 'received',
  0x24: 'accepted',
  0x25: 'rejected',
  0x26: 'released',
  0x27: 'modified',
};
const ERROR = 0x1d;
/** Source and target: their address is their first field. */
const TERMINI = [0x28, 0x29];

/** A protocol header or a frame as plain data; one that can't be read as its bytes. @param limit Bytes of a payload that are shown. */
export function tracedFrame(piece: Buffer, limit: number): TracedFrame {
  if (isHeader(piece)) return { performative: piece[4] === 3 ? 'sasl-header' : 'header' };
  try {
    return read(piece, limit);
  } catch {
    return { performative: 'malformed', payload: tracedPayload(piece, limit) };
  }
}

function read(frame: Buffer, limit: number): TracedFrame {
  const begin = 4 * (frame[4] as number);
  if (frame.length <= begin) return { performative: 'empty' };
  const reader = new (rhea.types as unknown as { Reader: new (bytes: Buffer) => Reader }).Reader(frame.subarray(begin));
  const { value, descriptor } = reader.read();
  const [performative, ...names] = PERFORMATIVES[Number(descriptor?.value)] ?? ['unknown'];
  const shown = names.map((name, index) => [name, plain((value as Typed[])[index], name)] as const);
  const fields = Object.fromEntries(shown.filter(([name, field]) => name !== '' && field !== undefined));
  const rest = frame.subarray(begin + reader.position);
  return {
    performative,
    channel: frame.readUInt16BE(6),
    fields,
    ...(performative === 'transfer' ? message(rest, fields['more'] === true, limit) : {}),
  };
}

/** What is used of rhea's reader. */
interface Reader {
  readonly position: number;
  read(): Typed;
}

function plain(typed: Typed | undefined, name: string): string | number | boolean | undefined {
  if (typed?.value === null || typed?.value === undefined) return undefined;
  const { value } = typed;
  if (name === 'role') return value === true ? 'receiver' : 'sender';
  const code = Number(typed.descriptor?.value);
  if (Array.isArray(value)) {
    const texts = value.map((each: unknown) => text((each as Typed | null)?.value ?? each));
    if (TERMINI.includes(code)) return texts[0];
    return code === ERROR ? texts.slice(0, 2).join(': ') : (STATES[code] ?? texts.join(' '));
  }
  return typeof value === 'number' || typeof value === 'boolean' ? value : text(value);
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value ?? null);
}

/** Where a message goes, and its body; the bytes of one that comes in several frames. */
function message(bytes: Buffer, isPart: boolean, limit: number): { to?: string; payload: TracedPayload } {
  if (isPart) return { payload: tracedPayload(bytes, limit) };
  try {
    const { to, body } = rhea.message.decode(bytes) as unknown as { to?: string; body?: unknown };
    const content = (body as { content?: unknown } | undefined)?.content ?? body;
    const payload = tracedPayload(Buffer.isBuffer(content) ? content : text(content), limit);
    return typeof to === 'string' ? { to, payload } : { payload };
  } catch {
    return { payload: tracedPayload(bytes, limit) };
  }
}
