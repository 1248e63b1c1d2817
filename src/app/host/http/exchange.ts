import * as http from 'node:http';
import type { Duplex } from 'node:stream';
import { unzipSync } from 'node:zlib';
import type { Clock } from '../../../clock/index.js';
import { messageOf } from '../../../errors.js';
import type { HttpProxy } from '../../../transport/index.js';
import { CurlCode, curlCodeOf, TransferError } from './curl-code.js';
import { checkProtocol, headersOf, parse, proxyOf, urlOf, type HttpRequest } from './request.js';

/** The kinds of news: HOST_HTTP_… of native/host.h. */
export const News = { nothing: 0, sent: 1, header: 2, body: 3, end: 4, failed: 5 } as const;

/** Bytes of a body that wait before the server has to. */
const BUFFER_SIZE = 65_536;

/** Header fields that the log must not show. */
const SECRET = /^(proxy-)?authorization$/i;

/** What an exchange needs of its surroundings. */
export interface Connector {
  readonly clock: Clock;
  /** Something has happened. */
  readonly changed: () => void;
  /** Connects to a URL's server. `track` is told of each stream on the way. */
  connect(
    request: HttpRequest,
    url: URL,
    proxy: HttpProxy | undefined,
    track: (stream: Duplex) => void,
  ): Promise<Duplex>;
}

interface Step {
  readonly url: URL;
  readonly method: string;
  readonly body: Buffer | undefined;
  /** Still at the first host. */
  readonly first: boolean;
}

/** One request and its response, redirections included. What has happened waits until C asks for it. */
export class Exchange {
  readonly #request: HttpRequest;
  readonly #connector: Connector;
  readonly #streams: Duplex[] = [];
  readonly #news: { readonly kind: number; bytes: Buffer }[] = [];
  /** Bytes of the body among the news. */
  #waiting = 0;
  #response: http.IncomingMessage | undefined;
  #closed = false;
  #ended = false;
  /** Of the body, as the server gives it; -1: it does not. */
  length = -1;
  /** A CURLcode. */
  error = 0;
  why: string | undefined;
  status = 0;
  redirects = 0;
  requestSize = 0;
  headerSize = 0;
  url: string;
  redirectUrl: string | undefined;

  constructor(request: HttpRequest, connector: Connector) {
    this.#request = request;
    this.#connector = connector;
    this.url = request.url;
    void this.#run();
  }

  /** The next piece of news, at most `size` bytes of a body. */
  next(size: number): { readonly kind: number; readonly bytes: Buffer } {
    const first = this.#news[0];
    if (first === undefined) {
      const kind = this.error !== 0 ? News.failed : this.#ended ? News.end : News.nothing;
      return { kind, bytes: Buffer.alloc(0) };
    }
    const bytes = first.bytes.subarray(0, size);
    const rest = first.bytes.subarray(size);
    if (first.kind === News.body) {
      this.#waiting -= bytes.length;
      if (this.#waiting < BUFFER_SIZE) this.#response?.resume();
    }
    if (first.kind === News.body && rest.length > 0) first.bytes = rest;
    else this.#news.shift();
    return { kind: first.kind, bytes };
  }

  close(): void {
    this.#closed = true;
    this.#disconnect();
  }

  /** The outermost stream first: TLS whose socket is destroyed under it crashes Node 20. */
  #disconnect(): void {
    for (const stream of this.#streams.splice(0).reverse()) stream.destroy();
  }

  async #run(): Promise<void> {
    try {
      const { method, body } = this.#request;
      let step: Step | undefined = { url: urlOf(this.#request), method, body, first: true };
      while (step !== undefined) {
        this.url = step.url.href;
        const response = await this.#ask(step);
        step = await this.#answered(step, response);
      }
      this.#ended = true;
    } catch (error) {
      this.error = curlCodeOf(error, this.status === 0 ? CurlCode.tlsFailed : CurlCode.receiveFailed);
      this.why = messageOf(error);
    }
    this.#disconnect();
    this.#happened();
  }

  /** Connects and sends; the head of the response. */
  async #ask({ url, method, body, first }: Step): Promise<http.IncomingMessage> {
    const proxy = proxyOf(this.#request, url);
    const whole = proxy !== undefined && url.protocol === 'http:' && !this.#request.tunnel;
    const release = this.#connector.clock.hold(`a connection to ${url.host} being opened`);
    let stream: Duplex;
    try {
      stream = await this.#connector.connect(this.#request, url, proxy, (made) => this.#track(made));
    } finally {
      setImmediate(release); // once the request is under way
    }
    const path = whole ? `http://${url.host}${url.pathname}${url.search}` : `${url.pathname}${url.search}`;
    const headers = headersOf({ ...this.#request, method, body }, url, first, whole ? proxy : undefined);
    this.#sent(`${method} ${path} HTTP/1.1`, headers);
    return new Promise((resolve, reject) => {
      const asked = http.request({ createConnection: () => stream, method, path, setHost: false });
      asked.on('error', reject);
      asked.removeHeader('Connection'); // Node's own
      for (const [name, value] of headers) asked.appendHeader(name, value);
      asked.on('information', (info) => this.#head(info));
      asked.on('response', resolve);
      asked.end(body);
    });
  }

  #track(stream: Duplex): void {
    this.#streams.push(stream);
    stream.on('error', () => undefined); // whoever reads it knows
    if (this.#closed) stream.destroy();
  }

  #sent(line: string, headers: readonly [string, string][]): void {
    const head = (fields: readonly string[]): Buffer => Buffer.from([line, ...fields, '', ''].join('\r\n'));
    const shown = headers.map(([name, value]) => `${name}: ${SECRET.test(name) ? '[not shown]' : value}`);
    this.#push(News.sent, head(shown));
    this.requestSize += head(headers.map((header) => header.join(': '))).length;
    this.#happened();
  }

  /** The head of a response, as it came. */
  #head({ httpVersion, statusCode = 0, statusMessage = '', rawHeaders }: Head): void {
    this.status = statusCode;
    this.#header(`HTTP/${httpVersion} ${statusCode} ${statusMessage}`.trimEnd());
    for (let i = 0; i < rawHeaders.length; i += 2) this.#header(`${rawHeaders[i]}: ${rawHeaders[i + 1]}`);
    this.#header('');
  }

  #header(line: string): void {
    const bytes = Buffer.from(`${line}\r\n`, 'latin1');
    this.headerSize += bytes.length;
    this.#push(News.header, bytes);
  }

  /** Takes a response, or where it redirects to goes there. */
  async #answered(step: Step, response: http.IncomingMessage): Promise<Step | undefined> {
    this.#head(response);
    const { statusCode: status = 0, headers } = response;
    const target =
      status >= 300 && status < 400 && headers.location !== undefined ? parse(headers.location, step.url) : undefined;
    this.redirectUrl = target?.href;
    if (target === undefined || !this.#request.follow) {
      await this.#take(response);
      return undefined;
    }
    response.destroy();
    this.#disconnect();
    this.redirectUrl = undefined;
    return this.#redirected(step, status, target);
  }

  #redirected({ url, method, body, first }: Step, status: number, target: URL): Step {
    const { mostRedirects, redirectProtocols, keepPost } = this.#request;
    if (this.redirects === mostRedirects)
      throw new TransferError(CurlCode.tooManyRedirects, `Maximum (${mostRedirects}) redirects followed.`);
    checkProtocol(target, redirectProtocols);
    this.redirects++;
    const stays = first && target.host === url.host;
    const becomesGet = status <= 303 && (method === 'POST' || status === 303) && !keepPost && method !== 'HEAD';
    return becomesGet
      ? { url: target, method: 'GET', body: undefined, first: stays }
      : { url: target, method, body, first: stays };
  }

  /** The body of the last response. */
  #take(response: http.IncomingMessage): Promise<void> {
    const encoding = this.#request.acceptEncoding === undefined ? undefined : response.headers['content-encoding'];
    const encoded: Buffer[] = [];
    this.length = Number(response.headers['content-length'] ?? -1);
    this.#response = response;
    this.#happened();
    return new Promise((resolve, reject) => {
      response.on('data', (bytes: Buffer) => {
        if (encoding === undefined) this.#body(bytes);
        else encoded.push(bytes);
      });
      response.on('error', () =>
        reject(
          new TransferError(CurlCode.partialFile, 'The server closed the connection before the end of its answer.'),
        ),
      );
      response.on('end', () => {
        try {
          if (encoding !== undefined) this.#body(decoded(encoding, Buffer.concat(encoded)));
          resolve();
        } catch (error) {
          reject(error as Error);
        }
      });
    });
  }

  #body(bytes: Buffer): void {
    this.#push(News.body, bytes);
    this.#waiting += bytes.length;
    if (this.#waiting >= BUFFER_SIZE) this.#response?.pause();
    this.#happened();
  }

  #push(kind: number, bytes: Buffer): void {
    this.#news.push({ kind, bytes });
  }

  #happened(): void {
    if (!this.#closed) this.#connector.changed();
  }
}

type Head = Pick<http.InformationEvent, 'httpVersion' | 'rawHeaders'> & {
  readonly statusCode?: number | undefined;
  readonly statusMessage?: string | undefined;
};

/** @throws TransferError */
function decoded(encoding: string, content: Buffer): Buffer {
  if (encoding.toLowerCase() === 'identity' || content.length === 0) return content;
  try {
    if (/^(gzip|x-gzip|deflate)$/i.test(encoding)) return unzipSync(content);
  } catch (error) {
    throw new TransferError(CurlCode.badEncoding, `The answer is no ${encoding}: ${messageOf(error)}.`);
  }
  throw new TransferError(CurlCode.badEncoding, `The answer's content encoding ${encoding} is not known.`);
}
