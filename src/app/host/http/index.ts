import type { Duplex } from 'node:stream';
import {
  DAA_ID,
  readCredential,
  splitPem,
  type CertificateStore,
  type Credential,
} from '../../../certificates/index.js';
import type { Clock } from '../../../clock/index.js';
import { SphereIotError, messageOf } from '../../../errors.js';
import {
  openStream,
  openTunnel,
  type EndpointResolver,
  type HttpProxy,
  type TlsClient,
} from '../../../transport/index.js';
import type { Gate, Memory } from '../../../wasm/index.js';
import type { Files } from '../files.js';
import { CurlCode, TransferError } from './curl-code.js';
import { Exchange } from './exchange.js';
import { portOf, readRequest, type HttpRequest } from './request.js';

/** Texts of an exchange: HOST_HTTP_… of host.h. */
const TEXTS = ['url', 'why', 'redirectUrl'] as const;

export interface HttpHostOptions {
  readonly clock: Clock;
  readonly gate: Gate;
  readonly memory: Memory;
  readonly client: TlsClient;
  readonly files: Files;
  readonly resolve: EndpointResolver;
  readonly allowInternet: boolean;
  /** Has the DAA certificate under DAA_ID, once there is one. */
  readonly store: CertificateStore;
  readonly online: () => boolean;
  /** Something has come for the app. */
  readonly changed: () => void;
  readonly refuse: (what: string) => void;
}

/** The HTTP of libcurl (host.h). */
export class HttpHost {
  readonly #options: HttpHostOptions;
  readonly #exchanges = new Map<number, Exchange>();
  #next = 0;

  constructor(options: HttpHostOptions) {
    this.#options = options;
  }

  /** Ends all exchanges. */
  close(): void {
    for (const exchange of this.#exchanges.values()) exchange.close();
    this.#exchanges.clear();
  }

  /** The imports of host.h. */
  imports() {
    const { memory, gate, clock, changed } = this.#options;
    const exchangeAt = (number: number): Exchange => this.#exchanges.get(number) as Exchange;
    return {
      http_start: (request: number): number => {
        gate.activity++;
        const connect: Connect = (...args) => this.#connect(...args);
        this.#exchanges.set(this.#next, new Exchange(readRequest(memory, request), { clock, changed, connect }));
        return this.#next++;
      },
      http_next: (number: number, buffer: number, size: number, length: number): number => {
        const { kind, bytes } = exchangeAt(number).next(size);
        gate.activity++;
        memory.bytes.set(bytes.subarray(0, size), buffer);
        memory.view.setUint32(length, Math.min(bytes.length, size), true);
        return kind;
      },
      http_state: (number: number, state: number): void => {
        const { length, error, status, redirects, requestSize, headerSize } = exchangeAt(number);
        memory.view.setFloat64(state, length, true);
        for (const [i, value] of [error, status, redirects, requestSize, headerSize].entries())
          memory.view.setUint32(state + 8 + 4 * i, value, true);
      },
      http_text: (number: number, which: number, pointer: number, size: number): number => {
        const text = exchangeAt(number)[TEXTS[which] ?? 'url'];
        if (text === undefined) return 0;
        const bytes = Buffer.from(text);
        memory.bytes.set([...bytes.subarray(0, size - 1), 0], pointer);
        return bytes.length + 1;
      },
      http_close: (number: number): void => {
        gate.activity++;
        exchangeAt(number).close();
        this.#exchanges.delete(number);
      },
    };
  }

  async #connect(...[request, url, proxy, track]: Parameters<Connect>): Promise<Duplex> {
    const { client, online, refuse } = this.#options;
    const name = url.hostname.replace(/^\[(.*)\]$/, '$1');
    const port = portOf(url);
    if (!online())
      throw new TransferError(CurlCode.couldNotResolveHost, `Could not resolve ${name}: there is no network.`);
    try {
      if (url.protocol === 'https:')
        return await client.establish({ name, port, proxy, ...this.#trust(request) }, track);
      const stream = openStream(this.#options, proxy?.name ?? name, proxy?.port ?? port);
      track(stream);
      if (proxy !== undefined && request.tunnel) await openTunnel(stream, proxy, name, port);
      return stream;
    } catch (error) {
      if (error instanceof SphereIotError) refuse(messageOf(error));
      throw error;
    }
  }

  /** Whom the app trusts, and as whom it comes. */
  #trust(request: HttpRequest) {
    const { verifyPeer, verifyHost } = request;
    return { trustRoots: this.#trustRoots(request), credential: this.#credential(request), verifyPeer, verifyHost };
  }

  /** PEM; undefined: what the device trusts. */
  #trustRoots({ caFile, caFolder, verifyPeer }: HttpRequest): string | undefined {
    const { files } = this.#options;
    if ((caFile === undefined && caFolder === undefined) || !verifyPeer) return undefined;
    const content = caFile === undefined ? undefined : files.content(caFile);
    const all = [
      ...(content === undefined ? [] : [content]),
      ...(caFolder === undefined ? [] : files.inFolder(caFolder)),
    ];
    const roots = all.flatMap((file) => splitPem(file.toString()));
    if (roots.length > 0) return roots.join('\n');
    throw new TransferError(
      CurlCode.badCaFile,
      `${caFile ?? caFolder} has no certificates (PEM): is it a RESOURCE_FILE of the image package?`,
    );
  }

  #credential({ deviceAuth, certificate, key, keyPassword }: HttpRequest): Credential | undefined {
    const { store, files } = this.#options;
    if (deviceAuth) {
      const reference = store.current(DAA_ID);
      return reference === undefined ? undefined : store.resolve(reference);
    }
    if (certificate === undefined) return undefined;
    const chain = files.content(certificate);
    const privateKey = files.content(key ?? certificate);
    try {
      const options = { service: 'hub', ...(keyPassword === undefined ? {} : { passphrase: keyPassword }) } as const;
      return readCredential(chain ?? '', privateKey ?? '', options);
    } catch (error) {
      throw new TransferError(CurlCode.certificateProblem, `${certificate} can't be used: ${messageOf(error)}`);
    }
  }
}

type Connect = (
  request: HttpRequest,
  url: URL,
  proxy: HttpProxy | undefined,
  track: (stream: Duplex) => void,
) => Promise<Duplex>;
