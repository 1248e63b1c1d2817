import { createPrivateKey, X509Certificate } from 'node:crypto';
import { HostCertificateName, HostCertificateTime, HostError, type Memory } from '../../../wasm/index.js';
import type { DeviceSettings, InstalledCertificate } from '../../device-settings.js';
import type { Permits } from '../permissions.js';

/** Bytes that the store holds. */
const CAPACITY = 24 * 1024;

export interface CertificateHostOptions {
  readonly memory: Memory;
  readonly settings: DeviceSettings;
  readonly permits: Permits;
}

/** The device's store of certificates (host.h). */
export class CertificateHost {
  readonly #options: CertificateHostOptions;

  constructor(options: CertificateHostOptions) {
    this.#options = options;
  }

  /** The imports of host.h. */
  imports() {
    const { memory, settings } = this.#options;
    const { certificates } = settings;
    return {
      certificate_install: (identifier: number, ...blobs: number[]): number =>
        this.#refused() ?? this.#install(memory.textAt(identifier) ?? '', blobs),
      certificate_delete: (identifier: number): number =>
        this.#refused() ?? (certificates.delete(memory.textAt(identifier) ?? '') ? 0 : HostError.noEntry),
      certificate_move: (from: number, to: number): number =>
        this.#with(from, (installed) => {
          certificates.delete(memory.textAt(from) ?? '');
          certificates.set(memory.textAt(to) ?? '', installed);
        }),
      certificate_count: (): number => this.#refused() ?? certificates.size,
      certificate_at: (index: number, identifier: number, size: number): number => {
        const refused = this.#refused();
        if (refused !== undefined) return refused;
        const name = [...certificates.keys()][index >>> 0];
        if (name === undefined) return HostError.range;
        memory.setTextWithin(identifier, size, name);
        return 0;
      },
      certificate_space: (): number => this.#refused() ?? this.#spaceWithout(undefined),
      certificate_name: (identifier: number, which: number, name: number, size: number): number =>
        this.#with(identifier, ({ certificate: { issuer, subject } }) => {
          const parts = (which === HostCertificateName.issuer ? issuer : subject).split('\n');
          memory.setTextWithin(name, size, parts.map((part) => `/${part}`).join(''));
        }),
      certificate_time: (identifier: number, which: number, time: number): number =>
        this.#with(identifier, ({ certificate: { validFrom, validTo } }) => {
          memory.view.setFloat64(time, Date.parse(which === HostCertificateTime.notAfter ? validTo : validFrom), true);
        }),
    };
  }

  #refused(): number | undefined {
    return this.#options.permits('CertStore') ? undefined : HostError.access;
  }

  #with(identifier: number, act: (installed: InstalledCertificate) => void): number {
    const refused = this.#refused();
    if (refused !== undefined) return refused;
    const { memory, settings } = this.#options;
    const installed = settings.certificates.get(memory.textAt(identifier) ?? '');
    if (installed === undefined) return HostError.noEntry;
    act(installed);
    return 0;
  }

  /** `blobs`: address and size of the certificate, then of the key (0: a root CA), and the address of its password. */
  #install(identifier: string, blobs: readonly number[]): number {
    const [certificate = 0, size = 0, key = 0, keySize = 0, password = 0] = blobs;
    const { memory, settings } = this.#options;
    const parsed = parse(textAt(memory, certificate, size));
    if (parsed === undefined) return HostError.invalid;
    const why = key === 0 ? undefined : whyUnusable(textAt(memory, key, keySize), memory.bytesToNul(password));
    if (why !== undefined) return why;
    if (size + keySize > this.#spaceWithout(identifier)) return HostError.noSpace;
    const type = key === 0 ? 'rootca' : 'client';
    settings.certificates.set(identifier, { certificate: parsed, type, size: size + keySize });
    return 0;
  }

  /** Bytes that are left, or would be without a certificate. */
  #spaceWithout(identifier: string | undefined): number {
    const others = [...this.#options.settings.certificates].filter(([name]) => name !== identifier);
    return others.reduce((space, [, { size }]) => space - size, CAPACITY);
  }
}

function textAt(memory: Memory, pointer: number, size: number): string {
  return Buffer.from(memory.copyAt(pointer, size)).toString();
}

function parse(pem: string): X509Certificate | undefined {
  if (!pem.includes('-----BEGIN CERTIFICATE-----')) return undefined;
  try {
    return new X509Certificate(pem);
  } catch {
    return undefined;
  }
}

/** Why a private key can't be used: it is none, or can't be decrypted. */
function whyUnusable(pem: string, passphrase: Uint8Array = new Uint8Array()): number | undefined {
  try {
    createPrivateKey({ key: pem, passphrase: Buffer.from(passphrase) });
    return undefined;
  } catch {
    return pem.includes('ENCRYPTED') ? HostError.access : HostError.invalid;
  }
}
