// HTTPS requests without credentials, and answers that nobody reads.
import { PassThrough } from 'node:stream';
import type { IncomingMessage } from 'node:http';
import type { TLSSocket } from 'node:tls';

import { readBody } from '../../src/emulator/front/http/body.js';
import { DPS, HUB, World } from '../emulator/support.js';
import { ask } from '../emulator/https.js';
import { attacks, memoryInUse } from './attack-table.js';

const SIZE = 200_000;

/** Reads a body that comes in pieces of so many bytes, and looks at the memory that it takes before its end. */
async function memoryOfBody(piece: number): Promise<number> {
  const request = Object.assign(new PassThrough({ highWaterMark: 1 }), { headers: {} });
  const before = memoryInUse();
  const read = readBody(request as unknown as IncomingMessage, SIZE, () => undefined);
  for (let sent = 0; sent < SIZE; sent += piece)
    if (!request.write(Buffer.alloc(piece))) await new Promise((resolve) => request.once('drain', resolve));
  const taken = memoryInUse() - before;
  request.end();
  expect((await read).bytes).toHaveLength(SIZE);
  return taken;
}

test('a body in pieces of one byte takes no more memory than one in large ones', async () => {
  await memoryOfBody(1000);
  expect(await memoryOfBody(1)).toBeLessThan(5 * SIZE);
});

attacks('Chunked bodies', [
  {
    name: 'a body in chunks of one byte',
    honest: async () => void (await memoryOfBody(10)),
    attack: async () => void (await memoryOfBody(1)),
    times: 30,
  },
]);

test('a client that reads no answer takes no memory for it', async () => {
  const world = await World.create();
  const sockets: TLSSocket[] = [];
  try {
    const credential = await world.device('device-1');
    const headers = { 'content-type': 'application/json' };
    const path = '/devices/device-1/files?api-version=2021-04-12';
    const body = { blobName: 'large' };
    const { json } = await ask(world, { host: HUB, method: 'POST', path, headers, body, credential });
    const [host, blob] = [String(json['hostName']), `/uploads/device-1/large${String(json['sasToken'])}`];
    const type = { 'x-ms-blob-type': 'BlockBlob' };
    const put = { host, method: 'PUT', path: blob, headers: type, body: Buffer.alloc(8 * 1024 * 1024) };
    expect((await ask(world, put)).status).toBe(201);
    const before = memoryInUse();
    for (let i = 0; i < 5; i++) {
      const socket = await world.secure(host, 443);
      sockets.push(socket.pause());
      socket.write(`GET ${blob} HTTP/1.1\r\nHost: ${host}\r\n\r\n`.repeat(3));
      await new Promise((resolve) => setImmediate(resolve));
    }
    for (let i = 0; i < 100; i++) await new Promise((resolve) => setImmediate(resolve));
    // In flight are a few pieces each, and none of the 40 MB.
    expect(memoryInUse() - before).toBeLessThan(8 * 1024 * 1024);
    expect(await ask(world, { host: DPS, path: '/' })).toMatchObject({ status: 404 });
  } finally {
    for (const socket of sockets) socket.destroy();
    await world.azure.close();
  }
});
