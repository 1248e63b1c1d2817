import { unescaped, type Span } from './unescaped.js';

/** Signatures that are remembered: the newest. */
const MAX_SIGNATURES = 4096;
/** Of HMAC-SHA256. */
const BYTES = 32;
/** Characters of its base64 that are the signature's alone: of the 43rd, two bits may be anything. */
const SURE = 42;
const LENGTHS = { base64: 43, hex: 64 } as const;
/** What may hold one: in base64 of either alphabet, and in hexadecimal. */
const BASE64 = new RegExp(`[\\w+/-]{${LENGTHS.base64},}=?`, 'g');
const HEX = new RegExp(`[\\da-f]{${LENGTHS.hex},}`, 'gi');
const TOKEN = /(?:^|[?&\s])sig=([^&]{43,200})(?=&|$)/;

/** How each is told: the beginning of its base64url, and its hexadecimal. The oldest come first. */
const known = new Set<string>();

/** Remembers the signature of a SAS token (`…&sig=…&…`), so that it is masked from now on where it stands without its name, too. */
export function rememberSignature(token: string): void {
  const value = TOKEN.exec(token)?.[1];
  if (value === undefined) return;
  const signature = Buffer.from(unescaped(value).plain, 'base64');
  if (signature.length !== BYTES) return;
  for (const form of [signature.toString('base64url').slice(0, SURE), signature.toString('hex')]) {
    known.delete(form);
    known.add(form);
  }
  for (const oldest of known) {
    if (known.size <= 2 * MAX_SIGNATURES) break;
    known.delete(oldest);
  }
}

/** Where in a text remembered signatures stand: in base64 or base64url, with padding or without, and in hexadecimal. */
export function knownSignatures(text: string): readonly Span[] {
  if (known.size === 0) return [];
  return [
    ...[...text.matchAll(BASE64)].flatMap(({ 0: run, index }) =>
      spansIn(run.replaceAll('+', '-').replaceAll('/', '_'), index, SURE, LENGTHS.base64),
    ),
    ...[...text.matchAll(HEX)].flatMap(({ 0: run, index }) =>
      spansIn(run.toLowerCase(), index, LENGTHS.hex, LENGTHS.hex),
    ),
  ];
}

/** @param told Characters of a signature by which it is known, of the `length` that it has. */
function spansIn(run: string, index: number, told: number, length: number): readonly Span[] {
  const spans: Span[] = [];
  for (let at = 0; at + length <= run.length; at++)
    if (known.has(run.slice(at, at + told))) {
      const to = at + length;
      spans.push([index + at, index + (run[to] === '=' ? to + 1 : to)]);
    }
  return spans;
}
