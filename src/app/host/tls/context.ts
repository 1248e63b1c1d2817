import { createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto';
import { splitPem } from '../../../certificates/index.js';
import { HostTlsContent } from '../../../wasm/index.js';

/** What an app gave: no PEM, or some that can't be read. */
export type Refusal = 'nothing' | 'unreadable';

/** The certificate authorities that an app trusts, and its own certificate and key. */
export class TlsContext {
  readonly #trust: X509Certificate[];
  #chain: readonly X509Certificate[];
  #key: KeyObject | undefined;
  /** The device's, if the certificate is the device's: as it was when the app loaded it. */
  #deviceKey: KeyObject | undefined;

  constructor(from?: TlsContext) {
    this.#trust = [...(from?.trust ?? [])];
    this.#chain = from?.chain ?? [];
    this.#key = from?.ownKey;
    this.#deviceKey = from?.deviceKey;
  }

  get trust(): readonly X509Certificate[] {
    return this.#trust;
  }

  /** The app's own certificate and its issuers; may be empty. */
  get chain(): readonly X509Certificate[] {
    return this.#chain;
  }

  /** The private key that the app gave. */
  get ownKey(): KeyObject | undefined {
    return this.#key;
  }

  get deviceKey(): KeyObject | undefined {
    return this.#deviceKey;
  }

  /** The private key of the certificate. */
  get key(): KeyObject | undefined {
    return this.#key ?? this.#deviceKey;
  }

  /**
   * Adds what an app gives, PEM or DER; undefined, or why it can't be used.
   * @param deviceKey That of the DAA certificate, in case it is that.
   */
  add(what: number, bytes: Buffer, deviceKey: KeyObject | undefined): Refusal | undefined {
    if (what === HostTlsContent.key) {
      const key = readKey(bytes);
      if (typeof key === 'string') return key;
      this.#key = key;
      return undefined;
    }
    const certificates = certificatesIn(bytes);
    if (typeof certificates === 'string') return certificates;
    if (what === HostTlsContent.trust) {
      this.#trust.push(...certificates);
      return undefined;
    }
    this.#chain = what === HostTlsContent.chain ? certificates : certificates.slice(0, 1);
    this.#deviceKey = deviceKey !== undefined && certificates[0]?.checkPrivateKey(deviceKey) ? deviceKey : undefined;
    return undefined;
  }
}

/** The certificates in PEM or DER bytes, at least one; or why there is none. */
export function certificatesIn(bytes: Buffer): X509Certificate[] | Refusal {
  try {
    if (isDer(bytes)) return [new X509Certificate(bytes)];
    const text = bytes.toString('latin1');
    if (!/-----BEGIN (?:TRUSTED |X509 )?CERTIFICATE-----/.test(text)) return 'nothing';
    return splitPem(text).map((pem) => new X509Certificate(pem));
  } catch {
    return 'unreadable';
  }
}

function readKey(bytes: Buffer): KeyObject | Refusal {
  try {
    if (!isDer(bytes))
      return bytes.includes('PRIVATE KEY-----') ? createPrivateKey(bytes.toString('latin1')) : 'nothing';
    for (const type of ['pkcs8', 'sec1', 'pkcs1'] as const) {
      try {
        return createPrivateKey({ key: bytes, format: 'der', type });
      } catch {
        // Another of them, perhaps.
      }
    }
    return 'unreadable';
  } catch {
    return 'unreadable';
  }
}

/** DER begins with a SEQUENCE. */
function isDer(bytes: Buffer): boolean {
  return bytes[0] === 0x30;
}
