import type { X509Certificate } from 'node:crypto';

import { MAX_CHAIN_LENGTH } from './credential-chain.js';
import { commonNameOf, validityOf } from './credential.js';
import { chainExtensionsOf, type ChainExtensions } from './certificate-extensions.js';
import { isIssuer, issuerKeyFault } from './inspect.js';
import { nameConstraintFault } from './name-constraints.js';
import { keyFault, signatureFault } from './strength.js';

/** How many pairs of certificates are looked at as issuer and issued, and how many paths are begun: the cap on the work. */
const MAX_PAIRS = 4000;
const MAX_STEPS = 1000;
/** How many signatures are verified: with P-521, the slowest kind of key that is taken, that is some 50 ms. */
const MAX_SIGNATURES = 30;
/** digitalSignature, keyEncipherment, keyAgreement: what a TLS server's key may do. */
const TLS_KEY_USAGE = 0x80 | 0x20 | 0x08;
/** serverAuth, and what Microsoft's and Netscape's servers had for it, which OpenSSL takes too. */
const SERVER_AUTH = ['1.3.6.1.5.5.7.3.1', '1.3.6.1.4.1.311.10.3.3', '2.16.840.1.113730.4.1'];
/** Of Netscape's certificate type. */
const NETSCAPE_SERVER = 0x40;

/**
 * `unknownIssuer`: no path reaches an anchor; `notAllowed`: a CA or its restrictions forbid it; `tooWeak`: a key or a signature proves
 * nothing; `tooLong`: too much to follow.
 */
export type PathFaultKind = 'unknownIssuer' | 'notYetValid' | 'expired' | 'notAllowed' | 'tooWeak' | 'tooLong';

/** Why no path is valid: of the best one, that which came nearest. */
export interface PathFault {
  readonly kind: PathFaultKind;
  /** In words, with the names of the certificates. */
  readonly reason: string;
  /** The best path, the leaf first. */
  readonly path: readonly X509Certificate[];
}

export interface PathOptions {
  /** Trusted ones: a path ends at the first of them. In the order in which they are tried. */
  readonly anchors: readonly X509Certificate[];
  /** What may stand between; in the order in which they are tried. */
  readonly others: readonly X509Certificate[];
  /** Clock ms. */
  readonly now: number;
  /** `server`: key usage and extended key usage have to allow TLS servers. Undefined: they don't matter. */
  readonly purpose?: 'server' | undefined;
  /** Whether the leaf may be an anchor itself. Default false. */
  readonly leafMayBeAnchor?: boolean | undefined;
}

/**
 * Looks for a valid path from a certificate up to an anchor; of several the first that is valid counts, so that an expired CA
 * certificate does not hide a renewed one. The work is limited, whatever certificates a peer sends.
 * @returns The path, leaf and anchor included, or the fault of the best one.
 */
export function findPath(leaf: X509Certificate, options: PathOptions): readonly X509Certificate[] | PathFault {
  const isAnchor = (certificate: X509Certificate): boolean =>
    options.anchors.some((anchor) => anchor.raw.equals(certificate.raw));
  const { issuersOf, isExhausted, unusableIssuerOf } = issuerFinder(options);
  let best: PathFault | undefined;
  let steps = 0;
  const follow = (path: readonly X509Certificate[]): readonly X509Certificate[] | undefined => {
    if (++steps > MAX_STEPS) return undefined;
    const top = path.at(-1) as X509Certificate;
    const ends = isAnchor(top) && (path.length > 1 || options.leafMayBeAnchor === true);
    const candidates = ends ? [] : issuersOf(top).filter((each) => !path.some((one) => one.raw.equals(each.raw)));
    const isTooLong = candidates.length > 0 && path.length >= MAX_CHAIN_LENGTH;
    if (ends || candidates.length === 0 || isTooLong) {
      const fault = faultOfPath(path, { reachesAnchor: ends, isTooLong, unusable: unusableIssuerOf(top) }, options);
      if (fault === undefined) return path;
      if (best === undefined || rank(fault, isAnchor) > rank(best, isAnchor)) best = fault;
      return undefined;
    }
    for (const issuer of candidates) {
      const found = follow([...path, issuer]);
      if (found !== undefined) return found;
    }
    return undefined;
  };
  const found = follow([leaf]);
  if (found !== undefined) return found;
  const isCut = steps > MAX_STEPS || isExhausted();
  return best === undefined || (isCut && best.kind === 'unknownIssuer') ? tooLong(best?.path ?? [leaf]) : best;
}

/** Whether an issuer signed a certificate, as long as both are there: a connection's certificates are judged again and again. */
const signed = new WeakMap<X509Certificate, WeakMap<X509Certificate, boolean>>();

/** Each pair is judged once; anchors come first. */
function issuerFinder({ anchors, others }: PathOptions): {
  issuersOf(certificate: X509Certificate): readonly X509Certificate[];
  /** Whether more would have been looked at than the cap allows. */
  isExhausted(): boolean;
  /** One that has the issuer's name, and a key of which no signature is verified. */
  unusableIssuerOf(certificate: X509Certificate): X509Certificate | undefined;
} {
  const unusable = new Map<X509Certificate, X509Certificate>();
  const known = new Map<string, readonly X509Certificate[]>();
  let [pairs, signatures] = [0, 0];
  const isAbove = (issuer: X509Certificate, certificate: X509Certificate): boolean => {
    if (++pairs > MAX_PAIRS || issuer.raw.equals(certificate.raw) || !issuer.ca) return false;
    try {
      if (!certificate.checkIssued(issuer)) return false;
    } catch {
      return false;
    }
    if (issuerKeyFault(issuer) !== undefined) {
      unusable.set(certificate, issuer);
      return false;
    }
    // Those that are known count too: else each further request of a peer would have more of them verified.
    if (++signatures > MAX_SIGNATURES) return false;
    const known = signed.get(issuer)?.get(certificate);
    if (known !== undefined) return known;
    const verdict = isIssuer(issuer, certificate);
    if (!signed.has(issuer)) signed.set(issuer, new WeakMap());
    signed.get(issuer)?.set(certificate, verdict);
    return verdict;
  };
  const issuersOf = (certificate: X509Certificate): readonly X509Certificate[] => {
    const found =
      known.get(certificate.fingerprint256) ?? [...anchors, ...others].filter((each) => isAbove(each, certificate));
    known.set(certificate.fingerprint256, found);
    return found;
  };
  return {
    issuersOf,
    isExhausted: () => pairs > MAX_PAIRS || signatures > MAX_SIGNATURES,
    unusableIssuerOf: (certificate) => unusable.get(certificate),
  };
}

/** A path to an anchor is better than one that ends elsewhere, and a longer one better than a shorter. */
function rank({ path }: PathFault, isAnchor: (certificate: X509Certificate) => boolean): number {
  return path.length + (isAnchor(path.at(-1) as X509Certificate) ? 2 * MAX_CHAIN_LENGTH : 0);
}

function faultOfPath(
  path: readonly X509Certificate[],
  {
    reachesAnchor,
    isTooLong,
    unusable,
  }: { reachesAnchor: boolean; isTooLong: boolean; unusable: X509Certificate | undefined },
  { now, purpose }: PathOptions,
): PathFault | undefined {
  for (const certificate of path) {
    const fault = validityFault(certificate, now);
    if (fault !== undefined) return { ...fault, path };
  }
  if (isTooLong) return tooLong(path);
  const top = path.at(-1) as X509Certificate;
  if (!reachesAnchor) {
    const issuer = oneLine(top.issuer);
    const reason =
      unusable === undefined
        ? `no CA certificate is known that signed ${titleOf(top)} (issuer ${issuer})`
        : `${titleOf(unusable)} is not used as the issuer of ${titleOf(top)}: ${issuerKeyFault(unusable)}`;
    return { kind: 'unknownIssuer', reason, path };
  }
  const weak = weaknessOf(path);
  if (weak !== undefined) return { kind: 'tooWeak', reason: weak, path };
  const reason = restrictionFault(path, purpose);
  return reason === undefined ? undefined : { kind: 'notAllowed', reason, path };
}

/** Of all keys, and of all signatures but that of the anchor, which is trusted as it is. */
function weaknessOf(path: readonly X509Certificate[]): string | undefined {
  for (const [i, certificate] of path.entries()) {
    const fault = keyFault(certificate) ?? (i < path.length - 1 ? signatureFault(certificate) : undefined);
    if (fault !== undefined) return `${titleOf(certificate)} ${fault}`;
  }
  return undefined;
}

function tooLong(path: readonly X509Certificate[]): PathFault {
  const reason = `the chain of ${titleOf(path[0] as X509Certificate)} has more than ${MAX_CHAIN_LENGTH} certificates, or too many ways up`;
  return { kind: 'tooLong', reason, path };
}

/** CA flag and keyCertSign are judged where the path is built; here what a CA says of those below it (RFC 5280, 6.1). */
function restrictionFault(path: readonly X509Certificate[], purpose: PathOptions['purpose']): string | undefined {
  let extensions: ChainExtensions[];
  try {
    extensions = path.map(chainExtensionsOf);
  } catch {
    return 'a certificate of the chain has extensions that cannot be read';
  }
  let authorities = 0;
  for (const [i, certificate] of path.entries()) {
    const own = extensions[i] as ChainExtensions;
    const title = titleOf(certificate);
    if (own.unknownCritical !== undefined) return `${title} has a critical extension that is not known here`;
    if (i > 0 && own.pathLength !== undefined && authorities > own.pathLength)
      return `${title} allows ${own.pathLength} CA certificates below it, and there are ${authorities}`;
    if (i > 0 && !own.isSelfIssued) authorities++;
    const purposeFault = purpose === 'server' ? serverFault(certificate, own, i === 0) : undefined;
    if (purposeFault !== undefined) return `${title} ${purposeFault}`;
    if (i > 0 && own.isSelfIssued) continue;
    for (let above = i + 1; above < path.length; above++) {
      const fault = nameConstraintFault(extensions[above] as ChainExtensions, own, i === 0);
      if (fault !== undefined)
        return `${title} has ${fault}, by the name constraints of ${titleOf(path[above] as X509Certificate)}`;
    }
  }
  return undefined;
}

function serverFault(
  certificate: X509Certificate,
  { keyUsage, netscapeType }: ChainExtensions,
  isLeaf: boolean,
): string | undefined {
  // Node calls the extended key usage so.
  const purposes = certificate.keyUsage as readonly string[] | undefined;
  if (purposes !== undefined && !SERVER_AUTH.some((id) => purposes.includes(id)))
    return 'is not for TLS servers (extended key usage)';
  if (isLeaf && netscapeType !== undefined && (netscapeType & NETSCAPE_SERVER) === 0)
    return "is not for TLS servers (Netscape's certificate type)";
  if (isLeaf && keyUsage !== undefined && (keyUsage & TLS_KEY_USAGE) === 0) return 'is not for TLS (key usage)';
  return undefined;
}

/** A certificate's validity by the clock, not by the machine's time; undefined where it is valid. */
export function validityFault(
  certificate: X509Certificate,
  now: number,
): { kind: 'expired' | 'notYetValid'; reason: string } | undefined {
  const { from, until } = validityOf(certificate);
  const at = (ms: number): string => new Date(ms).toISOString();
  if (now > until)
    return { kind: 'expired', reason: `${titleOf(certificate)} has expired at ${at(until)}; it is ${at(now)} now` };
  if (now < from)
    return { kind: 'notYetValid', reason: `${titleOf(certificate)} is valid from ${at(from)}; it is ${at(now)} now` };
  return undefined;
}

function titleOf(certificate: X509Certificate): string {
  try {
    return `the certificate of ${commonNameOf(certificate)}`;
  } catch {
    return 'the certificate of an unnamed subject';
  }
}

function oneLine(name: string | undefined): string {
  return (name ?? '').trim().split('\n').join(', ');
}
