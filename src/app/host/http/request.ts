import type { HttpProxy } from '../../../transport/index.js';
import type { Memory } from '../../../wasm/index.js';
import { CurlCode, TransferError } from './curl-code.js';

/** HOST_HTTP_… of native/host.h. */
const FOLLOW = 1;
const VERIFY_PEER = 2;
const VERIFY_HOST = 4;
const DEVICE_AUTH = 8;
const TUNNEL = 16;
const KEEP_POST = 32;

const HTTP = 1;
const HTTPS = 2;
/** curl's own for a proxy. */
const PROXY_PORT = 1080;

/** HOST_HTTP_REQUEST of native/host.h. */
export interface HttpRequest {
  readonly url: string;
  readonly method: string;
  /** The app's own lines. */
  readonly lines: readonly string[];
  readonly userAgent: string | undefined;
  readonly referer: string | undefined;
  readonly cookie: string | undefined;
  readonly range: string | undefined;
  readonly acceptEncoding: string | undefined;
  readonly user: string | undefined;
  readonly caFile: string | undefined;
  readonly caFolder: string | undefined;
  readonly certificate: string | undefined;
  readonly key: string | undefined;
  readonly keyPassword: string | undefined;
  readonly proxy: string | undefined;
  readonly proxyUser: string | undefined;
  readonly noProxy: string | undefined;
  readonly body: Buffer | undefined;
  readonly proxyPort: number;
  readonly port: number;
  readonly protocols: number;
  readonly redirectProtocols: number;
  readonly mostRedirects: number;
  readonly follow: boolean;
  readonly verifyPeer: boolean;
  readonly verifyHost: boolean;
  readonly deviceAuth: boolean;
  readonly tunnel: boolean;
  readonly keepPost: boolean;
}

export function readRequest(memory: Memory, pointer: number): HttpRequest {
  const number = (offset: number): number => memory.uint32At(pointer + offset);
  const text = (offset: number): string | undefined => memory.textAt(number(offset)) ?? undefined;
  const flags = number(84);
  return {
    url: text(0) ?? '',
    method: text(4) ?? 'GET',
    lines: (text(8) ?? '').split('\n').filter((line) => line !== ''),
    userAgent: text(12),
    referer: text(16),
    cookie: text(20),
    range: text(24),
    acceptEncoding: text(28),
    user: text(32),
    caFile: text(36),
    caFolder: text(40),
    certificate: text(44),
    key: text(48),
    keyPassword: text(52),
    proxy: text(56) || undefined,
    proxyUser: text(60),
    noProxy: text(64),
    body: number(68) === 0 ? undefined : Buffer.from(memory.copyAt(number(68), number(72))),
    proxyPort: number(76) || PROXY_PORT,
    port: number(80),
    protocols: number(88),
    redirectProtocols: number(92),
    mostRedirects: memory.view.getInt32(pointer + 96, true),
    follow: (flags & FOLLOW) !== 0,
    verifyPeer: (flags & VERIFY_PEER) !== 0,
    verifyHost: (flags & VERIFY_HOST) !== 0,
    deviceAuth: (flags & DEVICE_AUTH) !== 0,
    tunnel: (flags & TUNNEL) !== 0,
    keepPost: (flags & KEEP_POST) !== 0,
  };
}

/**
 * The first URL of a request; without a scheme it is HTTP's.
 * @throws TransferError
 */
export function urlOf({ url, port, protocols }: HttpRequest): URL {
  const parsed = parse(/^[a-z][a-z0-9+.-]*:\/\//i.test(url) ? url : `http://${url}`);
  checkProtocol(parsed, protocols);
  if (port !== 0) parsed.port = String(port);
  return parsed;
}

/** @throws TransferError */
export function parse(text: string, base?: URL): URL {
  try {
    return new URL(text, base);
  } catch {
    throw new TransferError(CurlCode.urlMalformed, `${text.replace(/\/\/[^/]*@/, '//')} is no URL.`);
  }
}

/** @throws TransferError where a URL's scheme is not one of those that are allowed. */
export function checkProtocol(url: URL, allowed: number): void {
  const protocol = url.protocol === 'http:' ? HTTP : url.protocol === 'https:' ? HTTPS : 0;
  if ((protocol & allowed) !== 0) return;
  throw new TransferError(CurlCode.unsupportedProtocol, `Protocol ${url.protocol.slice(0, -1)} is not supported.`);
}

export function portOf(url: URL): number {
  return Number(url.port) || (url.protocol === 'https:' ? 443 : 80);
}

/** The proxy for a URL, if there is one. */
export function proxyOf(request: HttpRequest, url: URL): HttpProxy | undefined {
  if (request.proxy === undefined || isWithoutProxy(request.noProxy ?? '', url.hostname)) return undefined;
  const proxy = parse(/^[a-z]+:\/\//i.test(request.proxy) ? request.proxy : `http://${request.proxy}`);
  const own = proxy.username === '' ? undefined : `${proxy.username}:${proxy.password}`;
  const [username, ...password] = (request.proxyUser ?? own)?.split(':') ?? [];
  const name = proxy.hostname;
  // A URL does not say that it has its scheme's own port.
  const port = /:80\/?$/.test(request.proxy) ? 80 : Number(proxy.port) || request.proxyPort;
  return username === undefined ? { name, port } : { name, port, username, password: password.join(':') };
}

/** Hosts and domains with commas or blanks between them, or * for all. */
function isWithoutProxy(list: string, name: string): boolean {
  if (list.trim() === '*') return true;
  const entries = list.toLowerCase().split(/[\s,]+/);
  const plain = entries.filter((entry) => entry !== '').map((entry) => entry.replace(/^\./, ''));
  return plain.some((entry) => name === entry || name.endsWith(`.${entry}`));
}

/**
 * The headers of a request, in order: those that curl sends, with the app's own in their place. `first`: not after a
 * redirection to another host, which is not told who asks.
 */
export function headersOf(request: HttpRequest, url: URL, first: boolean, proxy?: HttpProxy): [string, string][] {
  const { body, acceptEncoding } = request;
  const lines = request.lines.filter((line) => first || !/^(authorization|cookie)\s*[:;]/i.test(line));
  const named = new Set(lines.map((line) => nameOf(line).toLowerCase()));
  const user = first ? (request.user ?? userOf(url)) : undefined;
  const chunked = lines.some((line) => /^transfer-encoding\s*:\s*chunked/i.test(line));
  const defaults: [string, string | undefined][] = [
    ['Host', url.host],
    ['Proxy-Authorization', proxy?.username === undefined ? undefined : basic(`${proxy.username}:${proxy.password}`)],
    ['Authorization', user === undefined ? undefined : basic(user)],
    ['Range', request.range === undefined ? undefined : `bytes=${request.range}`],
    ['User-Agent', request.userAgent],
    ['Accept', '*/*'],
    ['Accept-Encoding', acceptEncoding === '' ? 'deflate, gzip' : acceptEncoding],
    ['Referer', request.referer],
    ['Cookie', first ? request.cookie : undefined],
    ['Content-Length', body === undefined || chunked ? undefined : String(body.length)],
    ['Content-Type', body !== undefined && request.method === 'POST' ? 'application/x-www-form-urlencoded' : undefined],
  ];
  const own = lines.map(headerOf).filter((header) => header !== undefined);
  return [
    ...defaults.filter(
      (header): header is [string, string] => header[1] !== undefined && !named.has(header[0].toLowerCase()),
    ),
    ...own,
  ];
}

function nameOf(line: string): string {
  return line.replace(/[:;].*$/s, '').trim();
}

/** `Name: value`, or `Name;` for one without a value; `Name:` only takes curl's own away. */
function headerOf(line: string): [string, string] | undefined {
  if (/^[^:]*;\s*$/.test(line)) return [nameOf(line), ''];
  const value = line.slice(line.indexOf(':') + 1).trim();
  return line.includes(':') && value !== '' ? [nameOf(line), value] : undefined;
}

function userOf({ username, password }: URL): string | undefined {
  return username === '' ? undefined : `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
}

function basic(user: string): string {
  return `Basic ${Buffer.from(user).toString('base64')}`;
}
