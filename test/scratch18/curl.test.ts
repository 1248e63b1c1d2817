import { createServer } from 'node:http';
import path from 'node:path';
import { createGzip, gzipSync } from 'node:zlib';
import { buildApp, SphereApp, type BuiltApp } from '../../src/app/index.js';
import { realClock } from '../../src/clock/index.js';

jest.setTimeout(300_000);
let http: BuiltApp;
let once: Buffer, chained: Buffer;
beforeAll(async () => {
  http = await buildApp(path.join(__dirname, '../app/apps/http'));
  const gz = createGzip();
  const parts: Buffer[] = [];
  gz.on('data', (b: Buffer) => parts.push(b));
  const zero = Buffer.alloc(16 << 20);
  for (let i = 0; i < 96; i++) await new Promise<void>((r) => gz.write(zero, () => r()));
  await new Promise<void>((r) => { gz.on('end', () => r()); gz.end(); });
  once = Buffer.concat(parts);
  chained = gzipSync(gzipSync(gzipSync(once)));
  console.log('once', once.length, 'chained', chained.length);
}, 300_000);

async function run(name: string, respond: (res: import('node:http').ServerResponse) => void, isolate: boolean, closeAfter?: number) {
  const server = createServer((_q, res) => respond(res));
  let lag = 0, last = performance.now(), most = 0;
  const app = await SphereApp.launch(http, { clock: realClock, args: ['bomb'], isolate, heapLimit: 300 * 1024, timeout: 200_000 });
  app.serve('api.contoso.com', 80, (stream) => { stream.on('error', () => undefined); server.emit('connection', stream); });
  const base = process.memoryUsage();
  const watch = setInterval(() => { const n = performance.now(); lag = Math.max(lag, n - last - 5); last = n; most = Math.max(most, process.memoryUsage().rss - base.rss); }, 5);
  last = performance.now();
  const t = performance.now();
  let how: unknown;
  if (closeAfter) { await new Promise((r) => setTimeout(r, closeAfter)); const c = performance.now(); app.close(); how = `closed in ${(performance.now() - c).toFixed(0)}`; }
  else how = await app.exitCode.catch((e: Error) => e.message.slice(0, 150));
  clearInterval(watch);
  console.log(name, 'isolate', isolate, how, `${((performance.now() - t) | 0)} ms lag ${lag | 0} rss+ ${(most / 1e6) | 0}MB heapPeak ${app.heapPeak}`, app.lines.slice(0, 4));
  app.close();
  server.close();
}
const bomb = (res: import('node:http').ServerResponse) => void res.writeHead(200, { 'content-encoding': 'gzip, gzip, gzip, gzip' }).end(chained);
test('chained closed', async () => { await run('chained', bomb, false, 1500); await run('chained', bomb, true, 1500); });
test('tiny chunks', async () => {
  const raw = (res: import('node:http').ServerResponse) => { const s = res.socket!; s.write('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n'); s.write('1\r\nx\r\n'.repeat(300_000)); s.end('0\r\n\r\n'); };
  await run('chunks', raw, false); await run('chunks', raw, true);
});
test('1xx', async () => {
  const raw = (res: import('node:http').ServerResponse) => { const s = res.socket!; for (let i = 0; i < 100; i++) s.write('HTTP/1.1 100 Continue\r\n\r\n'.repeat(10_000)); s.end('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n'); };
  await run('1xx', raw, false);
});
test('empty blocks', async () => {
  const raw = (res: import('node:http').ServerResponse) => { const s = res.socket!; s.write('HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\n\r\n'); s.write(Buffer.from([0x1f,0x8b,8,0,0,0,0,0,0,3])); s.end(Buffer.alloc(20_000_000, Buffer.from([0,0,0,0xff,0xff]))); };
  await run('emptyblocks', raw, false);
});
