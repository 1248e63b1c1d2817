import { checkOptions } from '../../options.js';
import * as rules from '../../rules.js';
import { randomBytes, X509Certificate } from 'node:crypto';

import {
  commonNameOf,
  findPath,
  isIssuer,
  issuerKeyFault,
  keyFault,
  signatureFault,
  validityFault,
  type PathFaultKind,
} from '../../certificates/index.js';
import type { Clock } from '../../clock/index.js';
import type { ErrorCode } from '../../error-codes/index.js';
import { messageOf, SphereIotError } from '../../errors.js';
import { Lifetime } from '../lifetime.js';
import { thumbprintsOf } from './client-certificate.js';
import { anyId } from '../state/ids.js';
import { checked, flag, shape, text, time } from '../state/shape.js';
import { NO_NAMESPACE, type Codec, type Namespace, type Collection } from '../state/store.js';

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
export type ChainFault = PathFaultKind | 'unverified';

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
  /** "Set certificate status to verified on upload" (protocol.md#dps-identity). Default false. */
  readonly verified?: boolean | undefined;
}

/**
 * The CA certificates that a DPS or an IoT Hub was told to trust (protocol.md#dps-identity): uploaded, then verified by a proof of
 * possession.
 */
export class CertificateList {
  readonly #clock: Clock;
  readonly #entries: Map<string, CaCertificate>;
  readonly #codes: Map<string, string>;
  readonly #keptEntries: Collection<CaCertificate>;
  readonly #keptCodes: Collection<string>;
  readonly #lifetime: Lifetime;

  /** @internal */
  constructor(clock: Clock, namespace: Namespace = NO_NAMESPACE, lifetime = new Lifetime()) {
    this.#clock = clock;
    this.#lifetime = lifetime;
    this.#keptEntries = namespace.collection('certificates', caCodec);
    this.#keptCodes = namespace.collection('verificationCodes', checked(text, anyId));
    this.#entries = new Map(this.#keptEntries.entries());
    this.#codes = new Map(this.#keptCodes.entries());
  }

  /**
   * Adds a CA certificate; it counts for nothing until it is verified.
   * @param certificate PEM text (its first certificate), DER bytes, or an X509Certificate.
   * @throws SphereIotError `CA_ALREADY_EXISTS`, `CA_NOT_READABLE`, `CA_NOT_A_CA`, `CA_KEY_UNSUPPORTED`, `EMULATOR_CLOSED`.
   */
  upload(name: string, certificate: string | Uint8Array | X509Certificate, options: UploadOptions = {}): CaCertificate {
    checkOptions(options, 'upload', '{ verified: true }', { verified: rules.flag });
    this.#lifetime.check();
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
    const weakness = keyFault(read);
    const fault = issuerKeyFault(read) ?? (weakness === undefined ? undefined : `it ${weakness}`);
    if (fault !== undefined)
      throw new SphereIotError(
        'CA_KEY_UNSUPPORTED',
        `The CA certificate ${name} (${titleOf(read)}) can't be used: ${fault}.`,
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
   * @throws SphereIotError `CA_NOT_FOUND`, `EMULATOR_CLOSED`.
   */
  generateVerificationCode(name: string): string {
    this.#lifetime.check();
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
   * `PROOF_CODE_WRONG`, `PROOF_NOT_SIGNED_BY_CA`, `PROOF_NOT_VALID_NOW`, `EMULATOR_CLOSED`.
   */
  verify(name: string, proof: string | Uint8Array | X509Certificate): CaCertificate {
    this.#lifetime.check();
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
    const weakness = signatureFault(read);
    if (weakness !== undefined)
      throw new SphereIotError('PROOF_NOT_SIGNED_BY_CA', `The proof for ${name} ${weakness}: sign it with SHA-256.`);
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

  /** @throws SphereIotError `CA_NOT_FOUND`, `EMULATOR_CLOSED`. */
  delete(name: string): void {
    this.#lifetime.check();
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
   * Looks for a valid path from a device's certificate up to a verified CA, through what the device sent and what is in the list
   * (protocol.md#dps-identity). Every certificate on it must be valid by the clock, and allow those below it. Length of names, root or
   * not, and extended key usage don't matter.
   */
  checkChain(leaf: X509Certificate, intermediates: readonly X509Certificate[], clock: Clock = this.#clock): ChainCheck {
    const certificatesOf = (verified: boolean): X509Certificate[] =>
      this.list().flatMap((entry) => (entry.verified === verified ? [entry.certificate] : []));
    const others = [...certificatesOf(false), ...intermediates];
    const found = findPath(leaf, { anchors: certificatesOf(true), others, now: clock.now() });
    const path = 'kind' in found ? found.path : found;
    const reached = path.slice(1).flatMap((certificate) => this.#entryOf(certificate) ?? []);
    const last = reached.at(-1);
    if (!('kind' in found)) return { ok: true, ca: last as CaCertificate, reached };
    if (found.kind === 'unknownIssuer' && last !== undefined)
      return { ok: false, fault: 'unverified', reason: `the CA ${last.name} is there, but not verified` };
    return { ok: false, fault: found.kind, reason: found.reason };
  }

  /** A verified one before another: one certificate may be in the list under two names. */
  #entryOf(certificate: X509Certificate): CaCertificate | undefined {
    const entries = this.list().filter((entry) => entry.certificate.raw.equals(certificate.raw));
    return entries.find(({ verified }) => verified) ?? entries[0];
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
  fits: (id, { name }) => id === name,
};

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

function readCertificate(input: string | Uint8Array | X509Certificate, code: ErrorCode, what: string): X509Certificate {
  if (input instanceof X509Certificate) return input;
  try {
    return new X509Certificate(input);
  } catch (cause) {
    throw new SphereIotError(code, `${what} can't be read: ${messageOf(cause)}. Give PEM text or DER bytes.`, {
      cause,
    });
  }
}
