import type { Duplex } from 'node:stream';
import type { SecureVersion, TLSSocket } from 'node:tls';
import {
  DAA_ID,
  readCredential,
  sentCertificates,
  splitPem,
  type CertificateStore,
  type Credential,
} from '../../../certificates/index.js';
import type { Clock } from '../../../clock/index.js';
import { messageOf } from '../../../errors.js';
import { TcpStream, type TlsClient, type TlsSuites } from '../../../transport/index.js';
import {
  HostProtocolVersion,
  HostSocketTlsFlag,
  HostSocketTlsState,
  readHostSocketTlsRequest,
  type Gate,
  type HostContent,
  type Memory,
} from '../../../wasm/index.js';
import type { Files } from '../files/index.js';
import type { NetworkSockets } from '../inet/index.js';

const STATES: Readonly<Record<string, HostSocketTlsState>> = {
  SERVER_NOT_TRUSTED: HostSocketTlsState.notTrusted,
  SERVER_NAME_MISMATCH: HostSocketTlsState.notTrusted,
  ERR_SSL_NO_CIPHER_MATCH: HostSocketTlsState.badCiphers,
};

const VERSIONS: Readonly<Record<number, SecureVersion>> = {
  [HostProtocolVersion.tls10]: 'TLSv1',
  [HostProtocolVersion.tls11]: 'TLSv1.1',
  [HostProtocolVersion.tls12]: 'TLSv1.2',
  [HostProtocolVersion.tls13]: 'TLSv1.3',
};

/** Turns of Node's event loop without a byte from the peer after which a handshake is taken to wait for the peer alone. */
const IDLE_TURNS = 50;

export interface SocketTlsOptions {
  readonly clock: Clock;
  readonly gate: Gate;
  readonly memory: Memory;
  readonly client: TlsClient;
  readonly files: Files;
  readonly sockets: NetworkSockets;
  /** Has the DAA certificate under DAA_ID, once there is one. */
  readonly store: CertificateStore;
}

/** What C gives in a file, or itself. */
interface Content {
  readonly file: string | undefined;
  readonly bytes: Buffer | undefined;
}

/** HOST_SOCKET_TLS_REQUEST, with what its numbers and addresses mean. */
interface Request {
  readonly name: string;
  readonly caFolder: string | undefined;
  readonly keyPassword: Uint8Array | undefined;
  readonly ca: Content;
  readonly certificate: Content;
  readonly key: Content;
  readonly suites: TlsSuites;
  readonly verifyPeer: boolean;
  readonly verifyHost: boolean;
  readonly deviceAuth: boolean;
}

/** TLS on one socket. */
interface Session {
  state: HostSocketTlsState;
  /** What was agreed on, or why it failed. */
  text: string;
  socket: TLSSocket | undefined;
}

/** What can't be used for TLS. */
class TlsError extends Error {
  constructor(
    readonly state: HostSocketTlsState,
    message: string,
  ) {
    super(message);
  }
}

/** The TLS of libcurl (host.h): it is Node's, over a socket of the app's. */
export class SocketTls {
  readonly #options: SocketTlsOptions;
  readonly #sessions = new Map<number, Session>();

  constructor(options: SocketTlsOptions) {
    this.#options = options;
    options.sockets.onClose((number) => void this.#sessions.delete(number));
  }

  /** The imports of host.h. */
  imports() {
    const { memory, gate } = this.#options;
    return {
      socket_tls_start: (number: number, request: number): void => {
        gate.activity++;
        const session: Session = { state: HostSocketTlsState.opening, text: '', socket: undefined };
        this.#sessions.set(number, session);
        void this.#open(number, requestAt(memory, request), session);
      },
      socket_tls_state: (number: number): number => this.#sessions.get(number)?.state ?? HostSocketTlsState.failed,
      socket_tls_text: (number: number, pointer: number, size: number): void => {
        memory.setTextWithin(pointer, size, this.#sessions.get(number)?.text ?? '');
      },
      socket_tls_certificate: (number: number, index: number, buffer: number, size: number): number => {
        const bytes = certificateOf(this.#sessions.get(number)?.socket, index);
        if (bytes !== undefined && bytes.length <= size) memory.bytes.set(bytes, buffer);
        return bytes?.length ?? 0;
      },
    };
  }

  async #open(number: number, request: Request, session: Session): Promise<void> {
    const { sockets, client } = this.#options;
    try {
      await sockets.tcp(number).wrap(async (raw, track) => {
        const release = this.#holdWhileBusy(raw);
        try {
          const identity = { trustRoots: this.#trustRoots(request), credential: this.#credential(request) };
          const socket = await client.secure(raw, { ...request, ...identity }, track);
          opened(session, socket);
          return socket;
        } catch (error) {
          failed(session, error);
          throw error;
        } finally {
          setImmediate(release); // once the app knows
        }
      });
    } catch (error) {
      failed(session, error);
    }
  }

  /** Holds the clock while a handshake goes on; not while the peer sends nothing, for then a time-out of the app's may be near. */
  #holdWhileBusy(raw: Duplex): () => void {
    const release = this.#options.clock.hold('a TLS handshake');
    if (raw instanceof TcpStream) return release; // which leaves this process: the clock is the real one
    let left = IDLE_TURNS;
    const heard = (): void => void (left = IDLE_TURNS);
    const end = (): void => {
      left = 0;
      raw.off('data', heard);
      release();
    };
    const turn = (): void => {
      if (left-- > 0) setImmediate(turn);
      else end();
    };
    setImmediate(() => {
      if (left > 0) raw.on('data', heard); // TLS reads it by now
      turn();
    });
    return end;
  }

  /** PEM; undefined: what the device trusts. */
  #trustRoots({ ca, caFolder, verifyPeer }: Request): string | undefined {
    const { files } = this.#options;
    if (!verifyPeer || (isAbsent(ca) && caFolder === undefined)) return undefined;
    const content = this.#contentOf(ca);
    const all = [
      ...(content === undefined ? [] : [content]),
      ...(caFolder === undefined ? [] : files.inFolder(caFolder)),
    ];
    try {
      const roots = all.flatMap((file) => splitPem(file.toString()));
      if (roots.length > 0) return roots.join('\n');
    } catch {
      // as where there is none
    }
    throw new TlsError(
      HostSocketTlsState.badTrust,
      `${ca.file ?? caFolder ?? 'What CURLOPT_CAINFO_BLOB gives'} has no certificates (PEM): is it a RESOURCE_FILE of the image package?`,
    );
  }

  #credential({ deviceAuth, certificate, key, keyPassword }: Request): Credential | undefined {
    const { store } = this.#options;
    if (deviceAuth) {
      const reference = store.current(DAA_ID);
      return reference === undefined ? undefined : store.resolve(reference);
    }
    if (isAbsent(certificate)) return undefined;
    const chain = this.#contentOf(certificate) ?? '';
    const privateKey = this.#contentOf(isAbsent(key) ? certificate : key) ?? '';
    try {
      const options = { service: 'hub', passphrase: keyPassword } as const;
      return readCredential(chain, privateKey, options);
    } catch (error) {
      const what = certificate.file ?? 'What CURLOPT_SSLCERT_BLOB gives';
      throw new TlsError(HostSocketTlsState.badCertificate, `${what} can't be used: ${messageOf(error)}`);
    }
  }

  #contentOf({ file, bytes }: Content): Buffer | undefined {
    return file === undefined ? bytes : this.#options.files.content(file);
  }
}

function opened(session: Session, socket: TLSSocket): void {
  session.socket = socket;
  session.text = `${socket.getProtocol()} / ${socket.getCipher().standardName}`;
  session.state = HostSocketTlsState.open;
}

function failed(session: Session, error: unknown): void {
  if (session.state !== HostSocketTlsState.opening) return;
  const { code, state } = error as { code?: unknown; state?: HostSocketTlsState };
  session.text = messageOf(error);
  session.state = state ?? STATES[String(code)] ?? HostSocketTlsState.failed;
}

function isAbsent({ file, bytes }: Content): boolean {
  return file === undefined && bytes === undefined;
}

function requestAt(memory: Memory, pointer: number): Request {
  const { hostname, caFolder, keyPassword, ciphers, flags, ...rest } = readHostSocketTlsRequest(memory, pointer);
  return {
    name: hostname ?? '',
    caFolder,
    keyPassword: memory.bytesToNul(keyPassword),
    ca: contentOf(memory, rest.ca),
    certificate: contentOf(memory, rest.certificate),
    key: contentOf(memory, rest.key),
    suites: {
      minVersion: VERSIONS[rest.lowestVersion] ?? 'TLSv1.2',
      maxVersion: VERSIONS[rest.highestVersion] ?? 'TLSv1.3',
      ciphers,
    },
    verifyPeer: (flags & HostSocketTlsFlag.verifyPeer) !== 0,
    verifyHost: (flags & HostSocketTlsFlag.verifyHost) !== 0,
    deviceAuth: (flags & HostSocketTlsFlag.deviceAuth) !== 0,
  };
}

function contentOf(memory: Memory, { file, bytes, size }: HostContent): Content {
  return { file, bytes: bytes === 0 ? undefined : Buffer.from(memory.copyAt(bytes, size)) };
}

/** DER of a certificate that a server sent: the leaf first, then as they were sent. */
function certificateOf(socket: TLSSocket | undefined, index: number): Buffer | undefined {
  return socket === undefined ? undefined : sentCertificates(socket).certificates[index]?.raw;
}
