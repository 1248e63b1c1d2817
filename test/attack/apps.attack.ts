// Apps: servers that answer with little that becomes much, ways to this computer, and hardware definitions.
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { deflateSync, gzipSync } from 'node:zlib';

import { buildApp, readBuiltApp, readManifest, SphereApp, type BuiltApp } from '../../src/app/index.js';
import { realClock } from '../../src/clock/index.js';
import { BUILD_TIME } from '../support/limits.js';
import { attacks, memoryInUse } from './attack-table.js';
import { useFolder } from '../support/folder.js';

const MIB = 1024 * 1024;
const BOMB = Buffer.alloc(64 * MIB);
const BOMBS: Readonly<Record<string, readonly [string, Buffer]>> = {
  '/bomb/gzip': ['gzip', gzipSync(BOMB)],
  '/bomb/deflate': ['deflate', deflateSync(BOMB)],
  '/bomb/twice': ['gzip, gzip', gzipSync(gzipSync(BOMB))],
};
const PLAIN = Buffer.from('honest');

let http: BuiltApp;
let connections = 0;
const server = createServer(answer).on('connection', () => connections++);
beforeAll(async () => {
  http = await buildApp(path.join(__dirname, '../app/apps/http'));
  await new Promise<void>((resolve) => server.listen(0, resolve));
}, BUILD_TIME);
afterAll(() => new Promise((resolve) => server.close(resolve)));
const folder = useFolder();
let decoded: boolean;
/** The bombs, or, where the app is to be honest, three answers that are what they are. */
function answer({ url = '' }: IncomingMessage, response: ServerResponse): void {
  const [encoding, bytes] = BOMBS[url] ?? ['', PLAIN];
  if (decoded) response.writeHead(200, { 'content-encoding': encoding }).end(bytes);
  // Sent as it is, without being compressed: as many bytes for the app, but all of them come by the connection.
  else response.writeHead(200).end(BOMB);
}

/** An app of which each answer has 64 MiB in the end. */
async function download(bombs: boolean): Promise<void> {
  decoded = bombs;
  const before = memoryInUse();
  let most = 0;
  const app = await SphereApp.launch(http, { clock: realClock, args: ['bomb'] });
  app.serve('api.contoso.com', 80, (stream) => server.emit('connection', stream));
  const watch = setInterval(() => (most = Math.max(most, process.memoryUsage().external)), 5);
  try {
    await app.exitCode;
  } finally {
    clearInterval(watch);
    app.close();
  }
  expect(app.lines.filter((line) => line.endsWith(`: ${BOMB.length}`))).toHaveLength(3);
  expect(app.heapPeak).toBeLessThan(400 * 1024);
  // The answers of the honest server are 64 MiB that it holds itself.
  if (bombs) expect(most - before).toBeLessThan(128 * MIB);
}

/** An app that asks for this computer by its names, and by redirects of a server. */
async function loopback(): Promise<void> {
  connections = 0;
  const { port } = server.address() as AddressInfo;
  const app = await SphereApp.launch(http, {
    clock: realClock,
    args: ['loopback', String(port)],
    allowInternet: true,
  });
  app.serve('api.contoso.com', 80, (stream) => stream.on('data', (bytes: Buffer) => redirect(stream, bytes)));
  try {
    expect(await app.exitCode).toBe(0);
  } finally {
    app.close();
  }
  expect(app.lines).toEqual(['done']);
  expect(connections).toBe(0);
}

function redirect(stream: NodeJS.WritableStream, bytes: Buffer): void {
  const to = /^GET \/to\?(\S+)/.exec(bytes.toString())?.[1] ?? '';
  stream.write(`HTTP/1.1 302 Found\r\nLocation: ${to}\r\nContent-Length: 0\r\n\r\n`);
}

/** An image package whose hardware definition has so many names, one for the next, the last for `end`. */
async function names(count: number, end: string, refused: boolean): Promise<void> {
  mkdirSync(folder.file('package'), { recursive: true });
  writeFileSync(folder.file('app.wasm'), '');
  const lines = Array.from({ length: count }, (_, i) => `N${i} Gpio ${i + 1 < count ? `N${i + 1}` : end}\n`);
  writeFileSync(folder.file('peripherals.txt'), lines.join(''));
  const manifest = {
    SchemaVersion: 1,
    Name: 'app',
    ComponentId: '25025d2c-66da-4448-bae1-ac26fcdd3627',
    EntryPoint: '/bin/app',
    CmdArgs: [],
    Capabilities: { Gpio: Array.from({ length: Math.min(count, 100) }, (_, i) => `$N${i}`) },
  };
  writeFileSync(folder.file('package/app_manifest.json'), JSON.stringify(manifest));
  const read = readBuiltApp(folder.path).then((built) => readManifest(built.manifest, built.peripherals).gpio);
  if (refused) await expect(read).rejects.toMatchObject({ code: 'MANIFEST_INVALID' });
  else expect(new Set(await read)).toEqual(new Set([4]));
}

attacks('Servers of an app', [
  {
    name: 'answers of a few KB that become 64 MiB each',
    honest: () => download(false),
    attack: () => download(true),
    times: 10,
    bytes: 16 * MIB,
  },
  {
    name: 'this computer is asked for by 18 names and as many redirects',
    honest: () => download(false),
    attack: loopback,
    times: 5,
  },
]);

attacks('Hardware definitions', [
  {
    name: 'two names that stand for each other',
    honest: () => names(2, '4', false),
    attack: () => names(2, 'N0', true),
    times: 5,
  },
  {
    name: 'a circle of 10,000 names, from 100 places',
    honest: () => names(2, '4', false),
    attack: () => names(10_000, 'N0', true),
    times: 200,
  },
]);
