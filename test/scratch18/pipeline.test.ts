import { HUB, DPS, World } from '../emulator/support.js';
jest.setTimeout(200_000);
test.each([['GET', '/x'], ['PUT', '/devices/a/messages/events?api-version=2020-03-13']])('pipeline %s %s', async (m, p) => {
  const world = await World.create();
  for (const n of [100, 1000, 10_000, 100_000]) {
    const socket = await world.secure(HUB, 443);
    let answers = 0, tail = '';
    socket.on('data', (b: Buffer) => { const s = tail + b.toString('latin1'); answers += s.split('HTTP/1.1 ').length - 1; tail = ''; });
    socket.on('error', () => undefined);
    const t = performance.now();
    const closed = new Promise((r) => socket.on('close', r));
    socket.write(`${m} ${p} HTTP/1.1\r\nHost: ${HUB}\r\n${m === 'PUT' ? 'content-length: 0\r\n' : ''}\r\n`.repeat(n));
    const end = Date.now() + 30_000;
    let idle = 0, before = -1;
    while (answers < n && Date.now() < end && !socket.destroyed) { await new Promise((r) => setImmediate(r)); idle = answers === before ? idle + 1 : 0; before = answers; if (idle > 20000) break; }
    console.log(m, n, 'answers', answers, ((performance.now() - t) | 0) + 'ms', process.memoryUsage().heapUsed / 1e6 | 0);
    socket.destroy(); void closed;
  }
  await world.close();
});
