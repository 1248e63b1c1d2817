import { randomBytes, X509Certificate } from 'node:crypto';

import { commonNameOf, isIssuer, validityOf } from '../certificates/index.js';
import type { Clock } from '../clock/index.js';
import { messageOf, SphereIotError } from '../errors.js';
import { thumbprintsOf } from './client-certificate.js';
import { checked, flag, shape, text, time } from './state/shape.js';
import { NO_ROOM, type Codec, type Room, type Shelf } from './state/shelf.js';

/** No chain that a device sends is longer. */
const LONGEST_CHAIN = 10;

/** A CA certificate that a service holds. */
export interface CaCertificate {
  readonly name: string;
  readonly certificate: X509Certificate;
  /** Whether possession of its key was proved; before that no device is accepted by it. */
  readonly verified: boolean;
  /** SHA-1, upper-case hex. */
  readonly thumbprint: string;
  /** Clock ms. */
  readonly uploadedAt: number;
}

/** Why a chain is not accepted. */
export type ChainFault = 'expired' | 'notYetValid' | 'unknownIssuer' | 'unverified';

export type ChainCheck =
  | {
      readonly ok: true;
      /** The first verified CA on the way up. */
      readonly ca: CaCertificate;
      /** Every CA of the list on the way up that `ca` vouches for, nearest to the leaf first: `ca` and those below. */
      readonly reached: readonly CaCertificate[];
    }
  | {
      readonly ok: false;
      readonly fault: ChainFault;
      /** In words, with the names of the certificates. */
      readonly reason: string;
    };

export interface UploadOptions {
  /** "Set certificate status to verified on upload" (section A5). Default false. */
  readonly verified?: boolean;
}

/**
 * The CA certificates that a DPS or an IoT Hub was told to trust (A5): uploaded, then verified by a proof of possession.
 */
export class CertificateList {
  readonly #clock: Clock;
  readonly #entries: Map<string, CaCertificate>;
  readonly #codes: Map<string, string>;
  readonly #keptEntries: Shelf<CaCertificate>;
  readonly #keptCodes: Shelf<string>;

  /** @internal */
  constructor(clock: Clock, room: Room = NO_ROOM) {
    this.#clock = clock;
    this.#keptEntries = room.shelf('certificates', caCodec);
    this.#keptCodes = room.shelf('verificationCodes', checked(text));
    this.#entries = new Map(this.#keptEntries.entries());
    this.#codes = new Map(this.#keptCodes.entries());
  }

  /**
   * Adds a CA certificate; it counts for nothing until it is verified.
   * @param certificate PEM text (its first certificate), DER bytes, or an X509Certificate.
   * @throws SphereIotError `CA_ALREADY_EXISTS`, `CA_NOT_READABLE`, `CA_NOT_A_CA`.
   */
  upload(name: string, certificate: string | Uint8Array | X509Certificate, options: UploadOptions = {}): CaCertificate {
    if (this.#entries.has(name))
      throw new SphereIotError(
        'CA_ALREADY_EXISTS',
        `A CA certificate named ${name} is there already. Delete it first.`,
      );
    const read = readCertificate(certificate, 'CA_NOT_READABLE', `The CA certificate ${name}`);
    if (!read.ca)
      throw new SphereIotError(
        'CA_NOT_A_CA',
        `The certificate ${name} (${titleOf(read)}) is no CA certificate: upload the one above the device's.`,
      );
    return this.#set({
      name,
      certificate: read,
      verified: options.verified ?? false,
      thumbprint: thumbprintsOf(read).sha1,
      uploadedAt: this.#clock.now(),
    });
  }

  /**
   * A new code, 40 hex digits, that the CA's owner has to put into the proof's common name. The one before is void.
   * @throws SphereIotError `CA_NOT_FOUND`.
   */
  generateVerificationCode(name: string): string {
    this.get(name);
    const code = randomBytes(20).toString('hex').toUpperCase();
    this.#codes.set(name, code);
    this.#keptCodes.put(name, code);
    return code;
  }

  /**
   * Verifies a CA by its proof of possession: a certificate with the code as common name, signed by the CA.
   * @param proof PEM text, DER bytes, or an X509Certificate.
   * @throws SphereIotError `CA_NOT_FOUND`, `PROOF_CODE_MISSING` (no code was generated), `PROOF_NOT_READABLE`,
   * `PROOF_CODE_WRONG`, `PROOF_NOT_SIGNED_BY_CA`, `PROOF_NOT_VALID_NOW`.
   */
  verify(name: string, proof: string | Uint8Array | X509Certificate): CaCertificate {
    const entry = this.get(name);
    const code = this.#codes.get(name);
    if (code === undefined)
      throw new SphereIotError(
        'PROOF_CODE_MISSING',
        `Call generateVerificationCode('${name}') before verifying ${name}.`,
      );
    const read = readCertificate(proof, 'PROOF_NOT_READABLE', `The proof for ${name}`);
    if (nameOf(read) !== code)
      throw new SphereIotError(
        'PROOF_CODE_WRONG',
        `The proof for ${name} is for the code ${nameOf(read) ?? '(none)'}, not for ${code}. Make a new one.`,
      );
    if (!isIssuer(entry.certificate, read))
      throw new SphereIotError(
        'PROOF_NOT_SIGNED_BY_CA',
        `The proof for ${name} is not signed by ${titleOf(entry.certificate)}.`,
      );
    const fault = validityFault(read, this.#clock.now());
    if (fault !== undefined)
      throw new SphereIotError('PROOF_NOT_VALID_NOW', `The proof for ${name} is not valid now: ${fault.reason}.`);
    this.#forgetCode(name);
    return this.#set({ ...entry, verified: true });
  }

  /** @throws SphereIotError `CA_NOT_FOUND`. */
  get(name: string): CaCertificate {
    const entry = this.#entries.get(name);
    if (entry === undefined)
      throw new SphereIotError('CA_NOT_FOUND', `There is no CA certificate named ${name}. Upload it first.`);
    return entry;
  }

  /** @throws SphereIotError `CA_NOT_FOUND`. */
  delete(name: string): void {
    this.get(name);
    this.#entries.delete(name);
    this.#keptEntries.delete(name);
    this.#forgetCode(name);
  }

  /** In the order of their upload. */
  list(): readonly CaCertificate[] {
    return [...this.#entries.values()];
  }

  /**
   * Follows a device's chain up to a verified CA, through what the device sent and what is in the list (A5). Every
   * certificate on the way must be valid by the clock. Length of names, root or not, and extended key usage don't matter.
   */
  checkChain(leaf: X509Certificate, intermediates: readonly X509Certificate[], clock: Clock = this.#clock): ChainCheck {
    const reached: CaCertificate[] = [];
    let current = leaf;
    for (let depth = 0; depth < LONGEST_CHAIN; depth++) {
      const fault = validityFault(current, clock.now());
      if (fault !== undefined) return { ok: false, ...fault };
      const own = reached.at(-1);
      if (own?.verified === true && own.certificate === current) return { ok: true, ca: own, reached };
      const issuer = this.#issuerOf(current, intermediates);
      if (issuer === undefined) break;
      if ('name' in issuer) reached.push(issuer);
      current = 'name' in issuer ? issuer.certificate : issuer;
    }
    return { ok: false, ...this.#noWay(current, reached) };
  }

  /** Verified before unverified before sent along; undefined at the chain's end, a self-signed certificate too. */
  #issuerOf(
    certificate: X509Certificate,
    intermediates: readonly X509Certificate[],
  ): CaCertificate | X509Certificate | undefined {
    const listed = this.list().filter((entry) => isAbove(certificate, entry.certificate));
    const sent = intermediates.filter((candidate) => candidate.ca && isAbove(certificate, candidate));
    return listed.find((entry) => entry.verified) ?? listed[0] ?? sent[0];
  }

  #noWay(top: X509Certificate, reached: readonly CaCertificate[]): { fault: ChainFault; reason: string } {
    const unverified = reached.at(-1);
    if (unverified !== undefined)
      return { fault: 'unverified', reason: `the CA ${unverified.name} is there, but not verified` };
    return {
      fault: 'unknownIssuer',
      reason: `no CA certificate is known that signed ${titleOf(top)} (issuer ${oneLine(top.issuer)})`,
    };
  }

  #set(entry: CaCertificate): CaCertificate {
    this.#entries.set(entry.name, entry);
    this.#keptEntries.put(entry.name, entry);
    return entry;
  }

  #forgetCode(name: string): void {
    this.#codes.delete(name);
    this.#keptCodes.delete(name);
  }
}

const keptCa = shape({ name: text, certificate: text, verified: flag, thumbprint: text, uploadedAt: time });

const caCodec: Codec<CaCertificate> = {
  encode: (entry) => ({ ...entry, certificate: entry.certificate.toString() }),
  decode: (value) => {
    const entry = keptCa(value) as unknown as Omit<CaCertificate, 'certificate'> & { readonly certificate: string };
    return { ...entry, certificate: new X509Certificate(entry.certificate) };
  },
};

/** A certificate's validity by the clock, not by the machine's time; undefined where it is valid. */
export function validityFault(
  certificate: X509Certificate,
  now: number,
): { fault: 'expired' | 'notYetValid'; reason: string } | undefined {
  const { from, until } = validityOf(certificate);
  const at = (ms: number): string => new Date(ms).toISOString();
  if (now > until)
    return { fault: 'expired', reason: `${titleOf(certificate)} expired at ${at(until)}; it is ${at(now)} now` };
  if (now < from)
    return { fault: 'notYetValid', reason: `${titleOf(certificate)} is valid from ${at(from)}; it is ${at(now)} now` };
  return undefined;
}

/** The subject's common name, undefined where there is none. */
export function nameOf(certificate: X509Certificate): string | undefined {
  try {
    return commonNameOf(certificate);
  } catch {
    return undefined;
  }
}

function titleOf(certificate: X509Certificate): string {
  return `the certificate of ${nameOf(certificate) ?? 'an unnamed subject'}`;
}

function oneLine(name: string | undefined): string {
  return (name ?? '').trim().split('\n').join(', ');
}

function isAbove(certificate: X509Certificate, issuer: X509Certificate): boolean {
  return !certificate.raw.equals(issuer.raw) && isIssuer(issuer, certificate);
}

function readCertificate(input: string | Uint8Array | X509Certificate, code: string, what: string): X509Certificate {
  if (input instanceof X509Certificate) return input;
  try {
    return new X509Certificate(input);
  } catch (cause) {
    throw new SphereIotError(code, `${what} can't be read: ${messageOf(cause)}. Give PEM text or DER bytes.`, {
      cause,
    });
  }
}
