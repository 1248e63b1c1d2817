// libcurl in apps. What runs in a thread is of dist/: `npm run build`.
import * as http from 'node:http';
import * as https from 'node:https';
import type * as net from 'node:net';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import type { Duplex } from 'node:stream';
import { text } from 'node:stream/consumers';
import * as tls from 'node:tls';
import { deflateSync, gzipSync } from 'node:zlib';
import { buildApp, type BuiltApp, type LaunchOptions } from '../../src/app/index.js';
import { Catalog, CertificateAuthority } from '../../src/certificates/index.js';
import { realClock, VirtualClock } from '../../src/clock/index.js';
import { useApp } from './harness.js';

const CATALOG_ID = '00000000-0000-4000-8000-000000000000';

let built: BuiltApp;
let secure: https.Server;
let secureProxy: tls.Server;
let identity: { readonly cert: string; readonly key: string | Buffer };
const plain = http.createServer(answer);

beforeAll(async () => {
  const package_ = await buildApp(path.join(__dirname, 'apps/http'));
  const authority = new VirtualClock();
  const root = await CertificateAuthority.create({ subject: { commonName: 'Root' }, clock: authority });
  const other = await CertificateAuthority.create({ subject: { commonName: 'Other' }, clock: authority });
  const { chain, privateKey } = await root.issue({ commonName: 'api.contoso.com', usage: 'server' });
  const key = privateKey.export({ type: 'pkcs8', format: 'pem' });
  identity = { cert: chain, key };
  secure = https.createServer({ ...identity, requestCert: true, rejectUnauthorized: false }, answer);
  secureProxy = tls.createServer(identity, proxy);
  const client = await root.issue({ commonName: 'client-1' });
  const locked = client.privateKey.export({
    type: 'pkcs8',
    format: 'pem',
    cipher: 'aes-256-cbc',
    // What is no UTF-8: C has passwords of any bytes.
    passphrase: Buffer.from('sésame', 'latin1'),
  });
  const files = new Map([
    ...package_.files,
    ['certs/root.pem', Buffer.from(root.pem)],
    ['other/root.pem', Buffer.from(other.pem)],
    ['client/certificate.pem', Buffer.from(client.chain)],
    ['client/key.pem', Buffer.from(locked)],
    ['client/open-key.pem', Buffer.from(client.privateKey.export({ type: 'pkcs8', format: 'pem' }))],
    ['upload.txt', Buffer.from('from a file')],
  ]);
  built = { ...package_, files };
});

const suite = useApp(() => built);
const { expectNoFailures } = suite;

function ignore(): void {}

/** What a few bytes become, once they are decoded. */
const BOMB_SIZE = 64 * 1024 * 1024;
const ZEROS = Buffer.alloc(BOMB_SIZE);
const BOMBS: Readonly<Record<string, { encoding: string; bytes: Buffer }>> = {
  '/bomb/gzip': { encoding: 'gzip', bytes: gzipSync(ZEROS) },
  '/bomb/deflate': { encoding: 'deflate', bytes: deflateSync(ZEROS) },
  '/bomb/twice': { encoding: 'gzip, gzip', bytes: gzipSync(gzipSync(ZEROS)) },
};

/** What the servers say. */
function answer(request: http.IncomingMessage, response: http.ServerResponse): void {
  const { url = '', method, rawHeaders, socket } = request;
  const redirect = (location: string): void => void response.writeHead(302, { location }).end('elsewhere');
  const left = Number(/^\/redirect\/(\d+)$/.exec(url)?.[1] ?? -1);
  response.sendDate = false;
  if (left >= 0) redirect(left === 0 ? '/hello' : `/redirect/${left - 1}`);
  else if (url === '/hello')
    response.writeHead(200, { 'Content-Type': 'text/plain', 'Content-Length': 5, 'X-Test': 1 }).end('hello');
  else if (url === '/large?x=1') response.end('x'.repeat(300 * 1024));
  else if (url === '/gzip') response.writeHead(200, { 'Content-Encoding': 'gzip' }).end(gzipSync('unzipped'));
  else if (url.startsWith('/to?')) redirect(url.slice(4));
  else if (BOMBS[url]) response.writeHead(200, { 'Content-Encoding': BOMBS[url].encoding }).end(BOMBS[url].bytes);
  else if (url === '/moved') redirect('/echo');
  else if (url === '/elsewhere') redirect('http://second.contoso.com/echo');
  else if (url === '/nothing') socket.destroy();
  else if (url === '/half') response.writeHead(200, { 'Content-Length': 10 }).write('half', () => socket.destroy());
  else if (url === '/slow') request.resume();
  else if (url === '/later') suite.clock.setTimer(2000, () => void response.end('late'));
  else if (url === '/cookie') response.writeHead(200, { 'Set-Cookie': 'session=1' }).end();
  else if (url === '/tls') response.end((socket as tls.TLSSocket).getProtocol());
  else if (url === '/length') void text(request).then((body) => response.end(String(body.length)), ignore);
  else if (url === '/who') response.end((socket as tls.TLSSocket).getPeerCertificate().subject?.CN ?? 'nobody');
  else if (url === '/echo')
    void text(request).then((body) => {
      const headers = rawHeaders.map((item, i) => (i % 2 === 0 ? `${item}: ` : `${item}\n`)).join('');
      response.end(`${method} ${url}\n${headers}\n${body}`);
    }, ignore); // an app that breaks off
  else response.writeHead(404).end('not here');
}

/** An HTTP proxy; it wants a password for its tunnels. */
function proxy(stream: Duplex): void {
  const server = http.createServer((request, response) => {
    response.end(`${request.method} ${request.url} ${request.headers['proxy-authorization']}`);
  });
  server.on('connect', (request: http.IncomingMessage, tunnel: Duplex) => {
    if (request.headers['proxy-authorization'] !== 'Basic bWU6d29yZA==')
      return void tunnel.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n');
    tunnel.write('HTTP/1.1 200 Connection established\r\n\r\n');
    (request.url?.endsWith(':443') ? secure : plain).emit('connection', tunnel);
  });
  server.emit('connection', stream);
}

async function launch(part: string, options: LaunchOptions = {}): Promise<void> {
  await suite.launch(part, options);
  for (const name of ['api.contoso.com', 'second.contoso.com']) {
    suite.app.serve(name, 80, (stream) => plain.emit('connection', stream));
    suite.app.serve(name, 443, (stream) => secure.emit('connection', stream));
  }
  suite.app.serve('api.contoso.com', 8443, () => undefined); // silent
  suite.app.serve('proxy.contoso.com', 3129, (stream) => secureProxy.emit('connection', stream));
  suite.app.serve('api.contoso.com', 19, (stream) => stream.end('no HTTP at all\r\n\r\n'));
  suite.app.serve('proxy.contoso.com', 3128, proxy);
  suite.app.serve('closed.contoso.com', 7, () => {
    throw Object.assign(new Error('closed'), { code: 'ECONNREFUSED' });
  });
}

describe.each([
  ['in this thread', false],
  ['isolated', true],
])('%s', (_, isolate) => {
  test.each([
    'get',
    'send',
    'redirects',
    'pauses',
    'later',
    'together',
    'event-driven',
    'event-driven-at-once',
    'waiting',
    'nested',
    'shared',
    'forms',
    'texts',
    'limits',
    'security',
  ])('%s', async (part) => {
    await launch(part, { isolate });
    await expectNoFailures();
    expect(suite.app.lines).toEqual(['done']);
  });

  test('failures, with their reasons in the log', async () => {
    await launch('failures', { isolate });
    await expectNoFailures();
    expect(suite.app.lines.filter((line) => line.startsWith('[sphere-iot]'))).toEqual([
      expect.stringContaining("The manifest's capability AllowedConnections does not list other.contoso.com"),
      expect.stringContaining("nowhere.contoso.com:80 can't be reached"),
    ]);
  });

  test('whom it trusts', async () => {
    await launch('https', { isolate });
    await expectNoFailures();
  });

  test('the DAA certificate', async () => {
    await launch('mutual-tls', { isolate, catalog: await Catalog.create({ id: CATALOG_ID, clock: suite.clock }) });
    await expectNoFailures();
    expect(suite.app.lines.filter((line) => line.startsWith('device'))).toEqual([
      `device ${suite.app.deviceId}`,
      `device ${suite.app.deviceId}`,
    ]);
  });

  test('an HTTP proxy', async () => {
    await launch('proxy', { isolate });
    await expectNoFailures();
  });
});

test.each(['get', 'https', 'security'])('servers outside this process, in real time: %s', async (part) => {
  const servers = new Map<number, net.Server>([
    [80, http.createServer(answer)],
    [443, https.createServer({ ...identity, requestCert: true, rejectUnauthorized: false }, answer)],
    [3129, tls.createServer(identity, proxy)],
  ]);
  const connections = new Set<net.Socket>();
  for (const server of servers.values()) {
    server.on('connection', (socket: net.Socket) => connections.add(socket));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  }
  try {
    const resolve = (_: string, port: number) => {
      const { port: real } = servers.get(port)?.address() as AddressInfo;
      return { kind: 'tcp', host: '127.0.0.1', port: real } as const;
    };
    await suite.launch(part, { clock: realClock, cloud: { resolve, trustRoots: '' } });
    await expectNoFailures();
  } finally {
    for (const socket of connections) socket.destroy();
    for (const server of servers.values()) await new Promise((resolve) => server.close(resolve));
  }
});

test.each([
  ['in this thread', false],
  ['isolated', true],
])('bytes that become many are given to the app in pieces, %s', async (_, isolate) => {
  await launch('bomb', { isolate });
  await expectNoFailures();
  expect(suite.app.lines.slice(0, -1)).toEqual(
    Object.keys(BOMBS).map((path) => `http://api.contoso.com${path}: ${BOMB_SIZE}`),
  );
  expect(suite.app.heapPeak).toBeLessThan(400 * 1024);
});

test('a server that says "100 Continue" without end is left', async () => {
  await suite.launch('informational');
  let sent = 0;
  let isLeft = false;
  suite.app.serve('api.contoso.com', 21, (stream) => {
    const lines = 'HTTP/1.1 100 Continue\r\n\r\n'.repeat(1000);
    const more = (): void => {
      for (; sent < 1_000_000; sent += 1000) if (!stream.write(lines)) return void stream.once('drain', more);
    };
    stream.once('data', more).on('close', () => (isLeft = true));
    stream.on('error', ignore);
  });
  await expectNoFailures();
  expect(isLeft).toBe(true);
  expect(sent).toBeLessThan(50_000);
  expect(suite.app.heapPeak).toBeLessThan(400 * 1024);
});

test('Node has its turns meanwhile', async () => {
  await launch('bomb', { clock: realClock });
  const begin = performance.now();
  let last = begin;
  let longest = 0;
  const turns = setInterval(() => {
    longest = Math.max(longest, performance.now() - last);
    last = performance.now();
  }, 1);
  await expectNoFailures();
  clearInterval(turns);
  longest = Math.max(longest, performance.now() - last);
  // Each of the three would be one long turn.
  expect(longest).toBeLessThan((performance.now() - begin) / 6);
});

test('127.0.0.1 is the device, where the internet is allowed too', async () => {
  let connections = 0;
  const server = http.createServer((_, response) => void response.end('not for a device'));
  server.on('connection', () => connections++);
  await new Promise<void>((resolve) => server.listen(0, resolve));
  const { port } = server.address() as AddressInfo;
  try {
    await launch('loopback', { allowInternet: true, args: ['loopback', String(port)] });
    await expectNoFailures();
    expect(connections).toBe(0);
  } finally {
    await new Promise((resolve) => server.close(resolve));
  }
});

test('without a DAA certificate', async () => {
  await launch('mutual-tls-refused');
  await expectNoFailures();
});

test('without a network', async () => {
  await launch('offline', { networkReady: () => false });
  await expectNoFailures();
});

test.each([
  ['in this thread', false],
  ['isolated', true],
])('verbose, without what is secret, %s', async (_, isolate) => {
  await launch('verbose', { isolate });
  await expectNoFailures();
  expect(suite.app.lines).toEqual(
    expect.arrayContaining([
      '> GET /hello HTTP/1.1',
      'Authorization: Basic (masked)',
      'Cookie: (masked)',
      'Accept: */*',
      '< HTTP/1.1 200 OK',
      '< X-Test: 1',
      'hello',
    ]),
  );
  expect(suite.app.lines).toEqual(
    expect.arrayContaining([
      '> GET /hello?sv=2024&sig=(masked)&se=1 HTTP/1.1',
      '> GET /hello?a=1&password=(masked)&pwd=(masked)&signature=(masked)&b=2 HTTP/1.1',
      '> GET /hello?connection=AccountName%3Dn%3BAccountKey%3D(masked)%3BEnd%3D1 HTTP/1.1',
      expect.stringMatching(/^> GET \/hello\?(0123456789){100}&password=\(masked\)&shown=1 HTTP\/1\.1$/),
      '< location: http://me:(masked)@api.contoso.com/hello',
      'Authorization: SharedAccessSignature sr=host&sig=(masked)&se=1',
      'Authorization: (masked)',
      'X-Connection: HostName=h;SharedAccessKey=(masked);End=1',
      'X-Json: {"password": "(masked)", "shown": 1}',
      '< Set-Cookie: (masked)',
      'Proxy-Authorization: Basic (masked)',
    ]),
  );
  expect(suite.app.lines).toEqual(expect.arrayContaining(['X-First: 1', 'X-Second: 1']));
  expect(suite.app.lines).toEqual(expect.arrayContaining(['> GET /hello?after HTTP/1.1', '> GET /reused HTTP/1.1']));
  expect(suite.app.lines.join('\n')).not.toContain('X-Broken-Off');
  expect(suite.app.lines.filter((line) => line === 'Cookie: (masked)').length).toBeGreaterThan(1);
  // Base64 of what begins with "me:hidden" too.
  expect(suite.app.lines.join('\n')).not.toMatch(/hidden|: Basic [^(]|bWU6aGlkZGVu|session|c2lnbmVk/);
});
