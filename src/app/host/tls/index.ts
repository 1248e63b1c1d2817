import { known } from '../../../known.js';
import { X509Certificate, type KeyObject } from 'node:crypto';
import { isIP } from 'node:net';
import { createSecureContext } from 'node:tls';
import { DAA_ID, type CertificateStore, type PathFaultKind } from '../../../certificates/index.js';
import type { Clock } from '../../../clock/index.js';
import { messageOf } from '../../../errors.js';
import { faultOfChain } from '../../../transport/index.js';
import {
  HostError,
  HostProtocolVersion,
  HostTlsError,
  HostTlsFault,
  HostTlsPhase,
  HostTlsText,
  readHostTlsRequest,
  writeHostTlsState,
  type Gate,
  type HostX509Text,
  type Memory,
} from '../../../wasm/index.js';
import { CERTIFICATE_TEXTS } from './certificate-texts.js';
import { certificatesIn, TlsContext } from './context.js';
import { TlsEngine, type TlsVersion } from './engine.js';

/** By the numbers of C. */
const VERSIONS: Readonly<Record<number, TlsVersion>> = {
  [HostProtocolVersion.tls12]: 'TLSv1.2',
  [HostProtocolVersion.tls13]: 'TLSv1.3',
};
const SESSION_TEXTS: Readonly<Record<number, 'version' | 'cipher' | 'protocol'>> = {
  [HostTlsText.versionName]: 'version',
  [HostTlsText.cipherName]: 'cipher',
  [HostTlsText.protocolName]: 'protocol',
};

/** Why a chain is not trusted, by C's numbers; there are none for what a CA forbids, for what is weak, and for a path that is too long. */
const FAULTS: Readonly<Record<PathFaultKind, HostTlsFault>> = {
  unknownIssuer: HostTlsFault.unknownIssuer,
  notYetValid: HostTlsFault.notYetValid,
  expired: HostTlsFault.expired,
  notAllowed: HostTlsFault.unknownIssuer,
  tooWeak: HostTlsFault.unknownIssuer,
  tooLong: HostTlsFault.unknownIssuer,
};

export interface TlsHostOptions {
  readonly clock: Clock;
  readonly gate: Gate;
  readonly memory: Memory;
  /** Has the DAA certificate under DAA_ID, once there is one. */
  readonly store: CertificateStore;
  /** Something has come for the app. */
  readonly changed: () => void;
  readonly refuse: (what: string) => void;
}

interface Session {
  readonly engine: TlsEngine;
  readonly trust: readonly X509Certificate[];
  readonly hostName: string | undefined;
  /** HOST_TLS_FAULT, once the handshake is done. */
  fault: number | undefined;
  /** HOST_TLS_ERROR, once it has failed. */
  failure: number | undefined;
}

/** TLS by the host (host.h). */
export class TlsHost {
  readonly #options: TlsHostOptions;
  readonly #contexts = new Map<number, TlsContext>();
  readonly #sessions = new Map<number, Session>();
  #next = 0;

  constructor(options: TlsHostOptions) {
    this.#options = options;
  }

  /** Ends all sessions. */
  close(): void {
    for (const { engine } of this.#sessions.values()) engine.close();
    this.#sessions.clear();
    this.#contexts.clear();
  }

  /** The imports of host.h. */
  imports() {
    return { ...this.#contextImports(), ...this.#sessionImports(), ...this.#certificateImports() };
  }

  #contextImports() {
    return {
      tls_context_create: (): number => this.#add(this.#contexts, new TlsContext()),
      tls_context_copy: (number: number): number =>
        this.#add(this.#contexts, new TlsContext(this.#contexts.get(number))),
      tls_context_free: (number: number): void => void this.#contexts.delete(number),
      tls_context_add: (number: number, what: number, bytes: number, size: number): number => {
        const refusal = this.#contexts.get(number)?.add(what, this.#bytesAt(bytes, size), this.#deviceKey());
        return refusal === undefined ? 0 : refusal === 'nothing' ? HostError.noData : HostError.invalid;
      },
    };
  }

  #sessionImports() {
    const act = (number: number, run: (engine: TlsEngine) => void): void => {
      this.#options.gate.activity++;
      run(this.#sessionAt(number).engine);
    };
    return {
      tls_open: (request: number): number => this.#open(request),
      tls_close: (number: number): void => {
        act(number, (engine) => engine.close());
        this.#sessions.delete(number);
      },
      tls_state: (number: number, state: number): void => this.#writeState(this.#sessionAt(number), state),
      tls_feed: (number: number, bytes: number, size: number): void =>
        act(number, (engine) => engine.feed(this.#bytesAt(bytes, size))),
      tls_take: (number: number, buffer: number, size: number): number =>
        this.#write(buffer, this.#sessionAt(number).engine.take(size)),
      tls_read: (number: number, buffer: number, size: number, peek: number): number =>
        this.#write(buffer, this.#sessionAt(number).engine.read(size, peek !== 0)),
      tls_write: (number: number, bytes: number, size: number): void =>
        act(number, (engine) => engine.write(this.#bytesAt(bytes, size))),
      tls_shutdown: (number: number): void => act(number, (engine) => engine.end()),
      tls_text: (number: number, which: number, text: number, size: number): number =>
        this.#writeText(this.#sessionAt(number).engine[SESSION_TEXTS[which] ?? 'version'], text, size),
      tls_peer_certificate: (number: number, der: number, size: number): number =>
        this.#writeDer(this.#sessionAt(number).engine.peerCertificates[0], der, size),
    };
  }

  #certificateImports() {
    return {
      x509_read: (bytes: number, size: number, der: number, capacity: number): number => {
        const certificates = certificatesIn(this.#bytesAt(bytes, size));
        return this.#writeDer(typeof certificates === 'string' ? undefined : certificates[0], der, capacity);
      },
      x509_text: (der: number, derSize: number, which: number, text: number, size: number): number =>
        this.#writeText(
          (CERTIFICATE_TEXTS as Partial<typeof CERTIFICATE_TEXTS>)[which as HostX509Text]?.(
            new X509Certificate(this.#bytesAt(der, derSize)),
          ),
          text,
          size,
        ),
    };
  }

  #sessionAt(number: number): Session {
    return known(this.#sessions.get(number), 'TLS session', number);
  }

  #bytesAt(pointer: number, size: number): Buffer {
    return Buffer.from(this.#options.memory.copyAt(pointer, size).buffer);
  }

  #open(request: number): number {
    const { memory, clock, gate, changed } = this.#options;
    const { context: number, serverName, ...asked } = readHostTlsRequest(memory, request);
    const context = this.#contexts.get(number) ?? new TlsContext();
    gate.activity++;
    const engine = new TlsEngine({
      clock,
      lowest: VERSIONS[asked.lowest] ?? 'TLSv1.2',
      highest: VERSIONS[asked.highest] ?? 'TLSv1.3',
      // SNI is for names only.
      serverName: serverName === undefined || isIP(serverName) !== 0 ? undefined : serverName,
      protocols: asked.protocols?.split(',').filter((protocol) => protocol !== ''),
      certificate: this.#certificate(context),
      settled: changed,
    });
    return this.#add(this.#sessions, {
      engine,
      trust: context.trust,
      hostName: asked.hostName,
      fault: undefined,
      failure: undefined,
    });
  }

  /** The app's certificate; undefined: it has none that can be used. */
  #certificate({ chain, key }: TlsContext): { chain: string; key: string } | undefined {
    const [leaf] = chain;
    if (leaf === undefined) return undefined;
    const why = key === undefined ? 'it has no private key' : whyUnusable(leaf, key);
    if (key === undefined || why !== undefined) {
      this.#options.refuse(`The app's certificate (${leaf.subject}) is not sent: ${String(why)}.`);
      return undefined;
    }
    return { chain: pemOf(chain), key: pemOfKey(key) };
  }

  /** That of the newest DAA certificate. It never is in C. */
  #deviceKey(): KeyObject | undefined {
    const { store } = this.#options;
    const reference = store.current(DAA_ID);
    return reference === undefined ? undefined : store.resolve(reference).privateKey;
  }

  #writeState(session: Session, state: number): void {
    const { engine } = session;
    const { isSettled, phase, sending, readable } = engine;
    if (phase === 'open' || phase === 'ended') session.fault ??= this.#faultOf(session);
    if (phase === 'failed') session.failure ??= this.#failureOf(engine);
    writeHostTlsState(this.#options.memory, state, {
      settled: Number(isSettled),
      phase: HostTlsPhase[phase],
      fault: session.fault ?? HostTlsFault.trusted,
      error: session.failure ?? HostTlsError.noError,
      sending,
      readable,
    });
  }

  /** Why the server is not trusted: HOST_TLS_FAULT. */
  #faultOf({ engine, trust, hostName }: Session): number {
    const certificates = engine.peerCertificates;
    if (certificates.length === 0) return HostTlsFault.noCertificate;
    const fault = faultOfChain(certificates, trust, this.#options.clock.now());
    if (fault !== undefined) return FAULTS[fault.kind];
    return hostName !== undefined && engine.faultOfName(hostName) !== undefined
      ? HostTlsFault.wrongName
      : HostTlsFault.trusted;
  }

  /** Why it has failed; the log says what C has no number for. */
  #failureOf({ error }: TlsEngine): number {
    const code = error?.code ?? '';
    if (/PROTOCOL_VERSION|UNSUPPORTED_PROTOCOL|WRONG_VERSION|WRONG_SSL_VERSION/.test(code)) return HostTlsError.version;
    if (code.includes('_ALERT_')) return HostTlsError.alert;
    if (/DECRYPTION_FAILED|BAD_RECORD_MAC|CIPHER_OPERATION_FAILED/.test(code)) return HostTlsError.corrupted;
    this.#options.refuse(`TLS with a server failed: ${code || String(error?.message)}.`);
    return HostTlsError.otherError;
  }

  #add<T>(to: Map<number, T>, item: T): number {
    to.set(this.#next, item);
    return this.#next++;
  }

  #write(buffer: number, bytes: Uint8Array): number {
    this.#options.memory.bytes.set(bytes, buffer);
    return bytes.length;
  }

  #writeDer(certificate: X509Certificate | undefined, der: number, capacity: number): number {
    if (certificate === undefined) return 0;
    const { raw } = certificate;
    if (capacity >= raw.length) this.#write(der, raw);
    return raw.length;
  }

  #writeText(text: string | undefined, pointer: number, size: number): number {
    if (text === undefined) return 0;
    if (size > 0) this.#options.memory.setTextWithin(pointer, size, text);
    return Buffer.byteLength(text) + 1;
  }
}

/** Why a certificate can't be shown with a key; undefined: it can. */
function whyUnusable(leaf: X509Certificate, key: KeyObject): string | undefined {
  try {
    if (!leaf.checkPrivateKey(key)) return 'the private key belongs to another one';
    createSecureContext({ cert: leaf.toString(), key: pemOfKey(key) });
    return undefined;
  } catch (error) {
    // A key that OpenSSL finds too weak, for example.
    return messageOf(error);
  }
}

function pemOf(certificates: readonly X509Certificate[]): string {
  return certificates.map((certificate) => certificate.toString()).join('');
}

function pemOfKey(key: KeyObject): string {
  return key.export({ type: 'pkcs8', format: 'pem' }).toString();
}
