import type { X509Certificate } from 'node:crypto';

/** One element of DER: its tag byte, what is in it, and it as a whole. */
export interface DerElement {
  readonly tag: number;
  readonly value: Buffer;
  readonly whole: Buffer;
}

/** A GeneralName (RFC 5280, 4.2.1.6): the number of its choice, and its content. */
export interface GeneralName {
  readonly kind: number;
  readonly value: Buffer;
}

/** What of a certificate restricts a chain, as far as Node's X509Certificate does not tell. */
export interface ChainExtensions {
  /** The content of the subject's SEQUENCE. */
  readonly subject: Buffer;
  readonly isSelfIssued: boolean;
  /** Of basicConstraints; undefined where there is none. */
  readonly pathLength: number | undefined;
  /** The first byte of keyUsage, bit 0 of the standard highest; undefined where the extension is missing. */
  readonly keyUsage: number | undefined;
  /** The first byte of Netscape's certificate type, likewise. */
  readonly netscapeType: number | undefined;
  readonly altNames: readonly GeneralName[];
  readonly permitted: readonly GeneralName[];
  readonly excluded: readonly GeneralName[];
  /** A critical extension that is not judged here, in dotted hex of its id. */
  readonly unknownCritical: string | undefined;
}

const OCTET_STRING = 4;
const BOOLEAN = 1;
const INTEGER = 2;
const EXTENSIONS = 0xa3;
const VERSION = 0xa0;
/** The last byte of ids under 2.5.29 (`55 1d` in DER). */
const ID = { keyUsage: 15, altNames: 17, basicConstraints: 19, nameConstraints: 30 } as const;
/** Those, where revocations are, all of policies, and extended key usage: what OpenSSL knows, which heeds policies only where it is told to. */
const KNOWN = new Set<number>([...Object.values(ID), 31, 32, 33, 36, 37, 54]);
const NETSCAPE_TYPE = '6086480186f8420101';

const cache = new WeakMap<X509Certificate, ChainExtensions>();

/** Reads the extensions that restrict a chain. @throws Error Where the DER can't be read. */
export function chainExtensionsOf(certificate: X509Certificate): ChainExtensions {
  const known = cache.get(certificate) ?? read(certificate.raw);
  cache.set(certificate, known);
  return known;
}

/** The elements that stand one after the other in `der`. @throws Error Where a length exceeds what is there. */
export function derElements(der: Buffer): DerElement[] {
  const found: DerElement[] = [];
  for (let at = 0; at < der.length;) {
    const short = der[at + 1] ?? 0x80;
    const count = short < 0x80 ? 0 : short - 0x80;
    const start = at + 2 + count;
    const length = count === 0 ? short : count <= 4 && start <= der.length ? der.readUIntBE(at + 2, count) : Infinity;
    if (start + length > der.length) throw new Error('a DER element is longer than what is there');
    found.push({
      tag: der[at] as number,
      value: der.subarray(start, start + length),
      whole: der.subarray(at, start + length),
    });
    at = start + length;
  }
  return found;
}

function read(raw: Buffer): ChainExtensions {
  const fields = inside(inside(raw)[0]).filter(({ tag }) => tag !== VERSION);
  const [, , issuer, , subject] = fields;
  const list = fields.find(({ tag }) => tag === EXTENSIONS);
  const byId = new Map<number, Buffer>();
  let unknownCritical: string | undefined;
  let netscape: Buffer | undefined;
  for (const element of list === undefined ? [] : inside(list).flatMap(inside)) {
    const parts = inside(element);
    const id = parts[0]?.value ?? Buffer.alloc(0);
    const value = parts.find(({ tag }) => tag === OCTET_STRING)?.value ?? Buffer.alloc(0);
    const last = id.length === 3 && id[0] === 0x55 && id[1] === 0x1d ? (id[2] as number) : -1;
    if (KNOWN.has(last)) byId.set(last, value);
    else if (id.toString('hex') === NETSCAPE_TYPE) netscape = value;
    else if (parts.some(({ tag, value: flag }) => tag === BOOLEAN && flag[0] !== 0))
      unknownCritical = id.toString('hex');
  }
  const basic = sequence(byId.get(ID.basicConstraints)).find(({ tag }) => tag === INTEGER)?.value;
  const usage = byId.get(ID.keyUsage);
  const constraints = sequence(byId.get(ID.nameConstraints));
  const subtrees = (tag: number): GeneralName[] =>
    constraints
      .filter((each) => each.tag === tag)
      .flatMap((each) => inside(each).flatMap((tree) => names(tree.value).slice(0, 1)));
  return {
    subject: subject?.value ?? Buffer.alloc(0),
    isSelfIssued: issuer !== undefined && subject !== undefined && issuer.whole.equals(subject.whole),
    pathLength: basic && (basic.length > 4 ? Infinity : basic.readUIntBE(0, basic.length)),
    keyUsage: usage && firstBits(usage),
    netscapeType: netscape && firstBits(netscape),
    altNames: sequence(byId.get(ID.altNames)).length === 0 ? [] : names(derElements(byId.get(ID.altNames)!)[0]!.value),
    permitted: subtrees(0xa0),
    excluded: subtrees(0xa1),
    unknownCritical,
  };
}

function inside(element: DerElement | Buffer | undefined): DerElement[] {
  if (Buffer.isBuffer(element)) return inside(derElements(element)[0]);
  return element === undefined ? [] : derElements(element.value);
}

function sequence(der: Buffer | undefined): DerElement[] {
  return der === undefined ? [] : inside(der);
}

/** The first byte of a BIT STRING, after the one that tells how many bits are unused. */
function firstBits(der: Buffer): number {
  return derElements(der)[0]?.value[1] ?? 0;
}

function names(der: Buffer): GeneralName[] {
  return derElements(der).map(({ tag, value }) => ({ kind: tag & 0x1f, value }));
}
