import type { TraceEntry } from '../emulator/index.js';
import { SphereIotError } from '../errors.js';
import { isObject, parseJson } from '../json.js';
import { checkOptions, kindOf, type Rules } from '../options.js';
import { list } from '../rules.js';
import { WIRE_MASKS, type WireMask } from './wire-masks.js';

/** A recorded wire: entries of `LocalAzure.trace`, or what a `Recording` wrote of them as JSON lines. */
export type Wire = readonly TraceEntry[] | string;

export interface WireOptions {
  /** In the place of `WIRE_MASKS`. */
  readonly masks?: readonly WireMask[] | undefined;
  /** How the two are called in the text of a difference. Default: `expected` and `received`. */
  readonly names?: readonly [string, string] | undefined;
}

const RULES: Rules<WireOptions> = { masks: list, names: list };

/** What went one way on one connection, masked: a line an entry. */
interface Direction {
  readonly title: string;
  readonly lines: readonly string[];
}

/** Lines that are shown before a divergence, and after it. */
const CONTEXT = 3;

/**
 * How two recordings differ, in words, or undefined where they don't. Connections are compared in the order in which they
 * were made, each direction for itself: how the two interleave is a matter of time alone.
 * @throws SphereIotError `WIRE_INVALID` for what is not a recording; `OPTIONS_INVALID`.
 */
export function compareWire(expected: Wire, received: Wire, options: WireOptions = {}): string | undefined {
  checkOptions(options, 'a comparison of wires', '{ masks: WIRE_MASKS }', RULES);
  const { masks = WIRE_MASKS, names = ['expected', 'received'] } = options;
  const [one, other] = [directionsOf(expected, masks), directionsOf(received, masks)];
  for (let i = 0; i < Math.max(one.length, other.length); i++) {
    const difference = compareLines(one[i]?.lines ?? [], other[i]?.lines ?? [], names);
    if (difference !== undefined) return `${(one[i] ?? other[i])?.title}:\n${difference}`;
  }
  return undefined;
}

/**
 * A recording as a golden file keeps it: JSON lines of what `compareWire` compares, masked, and of nothing else. The same behaviour gives the
 * same text each time, so that a file that is written again changes only where the wire did.
 * @throws SphereIotError `WIRE_INVALID` for what is not a recording; `OPTIONS_INVALID`.
 */
export function goldenWire(wire: Wire, options: Pick<WireOptions, 'masks'> = {}): string {
  checkOptions(options, 'goldenWire', '{ masks: WIRE_MASKS }', RULES);
  const { masks = WIRE_MASKS } = options;
  return entriesOf(wire)
    .map((entry) => {
      const text = JSON.stringify(comparedOf(entry));
      const masked = mask(text, masks);
      // A mask may leave no JSON: what it hides is hidden when the two are compared.
      const kept = parseJson(masked) === undefined ? text : masked;
      const { connection, serverName } = entry;
      return `${JSON.stringify({ connection, serverName }).slice(0, -1)},${kept.slice(1)}\n`;
    })
    .join('');
}

/** An entry without what is not compared, and without its connection. */
function comparedOf(entry: TraceEntry): object {
  switch (entry.type) {
    case 'handshake': {
      const { type, clientCertificate } = entry;
      return { type, ...(clientCertificate && { clientCertificate: { subject: clientCertificate.subject } }) };
    }
    case 'handshakeFailed':
      return { type: entry.type };
    case 'closed':
      return { type: entry.type, by: entry.by, ...(entry.by === 'service' && { reason: entry.reason }) };
    default: {
      const { at: _, connection: __, serverName: ___, clientId: ____, ...fact } = entry;
      return fact;
    }
  }
}

/** Both sides round the first line that differs; undefined where none does. */
export function compareLines(
  expected: readonly string[],
  received: readonly string[],
  [one, other]: readonly [string, string] = ['expected', 'received'],
): string | undefined {
  const length = Math.max(expected.length, received.length);
  const at = Array.from({ length }, (_, i) => i).find((i) => expected[i] !== received[i]);
  if (at === undefined) return undefined;
  const width = Math.max(one.length, other.length);
  const side = (name: string, lines: readonly string[]): string[] =>
    [...lines.slice(at, at + CONTEXT), ...(lines.length <= at + CONTEXT ? ['(the end)'] : [])].map(
      (line) => `  ${name.padEnd(width)} ${line}`,
    );
  const before = expected.slice(Math.max(0, at - CONTEXT), at).map((line) => `  ${''.padEnd(width)} ${line}`);
  return [...before, ...side(one, expected), ...side(other, received)].join('\n');
}

/** @throws SphereIotError `WIRE_INVALID`. */
function entriesOf(wire: Wire): readonly TraceEntry[] {
  if (Array.isArray(wire)) return wire as readonly TraceEntry[];
  if (typeof wire !== 'string')
    throw new SphereIotError('WIRE_INVALID', `A wire is a recording's entries, or their text; not ${kindOf(wire)}.`);
  return wire
    .split('\n')
    .map((line, i) => ({ line: line.trim(), number: i + 1 }))
    .filter(({ line }) => line !== '')
    .map(({ line, number }) => {
      const entry = parseJson(line);
      if (isEntry(entry)) return entry;
      const why = entry === undefined ? 'it is no JSON, or is nested too deep' : 'it is no trace entry';
      throw new SphereIotError('WIRE_INVALID', `Line ${number} of the recording can't be read: ${why}.`);
    });
}

/** Whether it has what a comparison takes. */
function isEntry(value: unknown): value is TraceEntry {
  if (!isObject(value)) return false;
  const { connection, type, direction, serverName = '', clientCertificate = {} } = value;
  const hasDirection = (type !== 'packet' && type !== 'http') || direction === 'in' || direction === 'out';
  const isNamed = typeof serverName === 'string' && isObject(clientCertificate);
  return typeof connection === 'number' && typeof type === 'string' && hasDirection && isNamed;
}

function directionsOf(wire: Wire, masks: readonly WireMask[]): readonly Direction[] {
  const connections = new Map<number, { serverName: string | undefined; in: string[]; out: string[] }>();
  for (const entry of entriesOf(wire)) {
    const { connection, serverName } = entry;
    const lines = connections.get(connection) ?? { serverName, in: [], out: [] };
    connections.set(connection, lines);
    const line = lineOf(entry);
    if (line !== undefined) lines[directionOf(entry)].push(mask(line, masks));
  }
  return [...connections.values()].flatMap(({ serverName = 'no name', in: sent, out }, i) => [
    { title: `Connection ${i + 1}, to ${serverName}, what the device did`, lines: sent },
    { title: `Connection ${i + 1}, to ${serverName}, what the service did`, lines: out },
  ]);
}

function directionOf(entry: TraceEntry): 'in' | 'out' {
  if (entry.type === 'packet' || entry.type === 'frame' || entry.type === 'http') return entry.direction;
  return entry.type === 'closed' && entry.by === 'service' ? 'out' : 'in';
}

/** An entry without what TLS layers differ in; undefined for one of which nothing is left. */
function lineOf(entry: TraceEntry): string | undefined {
  switch (entry.type) {
    case 'packet':
      return JSON.stringify(entry.packet);
    case 'frame':
      return JSON.stringify(entry.frame);
    case 'http': {
      const { method, path, status, body } = entry;
      return JSON.stringify({ http: true, method, path, status, body });
    }
    case 'webSocket':
      return JSON.stringify({ webSocket: entry.path, protocol: entry.protocol });
    case 'handshake':
      return JSON.stringify({ tls: true, clientCertificate: entry.clientCertificate?.subject });
    case 'handshakeFailed':
      return JSON.stringify({ tls: false });
    case 'closed':
      return entry.by === 'service' ? JSON.stringify({ closed: entry.reason }) : undefined;
  }
}

function mask(line: string, masks: readonly WireMask[]): string {
  return masks.reduce((text, { pattern, replacement }) => text.replace(pattern, replacement), line);
}
