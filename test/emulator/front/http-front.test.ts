import { once } from 'node:events';
import { connect, type TLSSocket } from 'node:tls';

import * as fc from 'fast-check';

import type { Credential } from '../../../src/certificates/index.js';
import { VirtualClock } from '../../../src/clock/index.js';
import { HttpFront } from '../../../src/emulator/front/http/http-front.js';
import type { HttpAnswer } from '../../../src/emulator/front/http/http-service.js';
import { LocalAzure } from '../../../src/emulator/index.js';
import { Lifetime } from '../../../src/emulator/lifetime.js';
import { Tracer } from '../../../src/emulator/observe/trace/tracer.js';
import { createDuplexPair } from '../../../src/transport/duplex-pair.js';
import { frontEvents, DPS, HUB, World } from '../support.js';

const REGISTRATION = '/0ne00000000/registrations/device-1';
const LOOK_UP = `POST ${REGISTRATION}?api-version=2021-06-01 HTTP/1.1\r\nHost: ${DPS}\r\nContent-Type: application/json\r\n`;
const BODY = '{"registrationId":"device-1"}';
const WHOLE = `${LOOK_UP}Content-Length: ${BODY.length}\r\n\r\n${BODY}`;

describe('HTTP of the emulator', () => {
  let world: World;
  let credential: Credential;

  beforeEach(async () => {
    world = await World.create();
    await world.enroll();
    credential = await world.ca.issue({ commonName: 'device-1' });
  });
  afterEach(() => world.close());

  /** A connection, and everything that came on it. */
  const open = async (name = DPS): Promise<{ socket: TLSSocket; answers: () => string[] }> => {
    const socket = await world.secure(name, 443, credential);
    let text = '';
    socket.on('data', (bytes: Buffer) => (text += bytes.toString()));
    return { socket, answers: () => [...text.matchAll(/HTTP\/1\.1 (\d+)/g)].map((match) => match[1] as string) };
  };

  test('keeps a connection, and answers requests that were sent at once in their order', async () => {
    const { socket, answers } = await open();
    socket.write(WHOLE);
    await world.clock.advance(1);
    expect(answers()).toEqual(['404']);
    socket.write(`GET / HTTP/1.1\r\nHost: ${DPS}\r\n\r\n${WHOLE.replace('POST', 'PUT')}`);
    await world.clock.advance(1);
    expect(answers()).toEqual(['404', '404', '405']);
    expect(socket.readableEnded).toBe(false);
    socket.destroy();
  });

  test('takes a request that comes byte by byte, and a body in chunks', async () => {
    const { socket, answers } = await open();
    for (const byte of WHOLE) socket.write(byte);
    await world.clock.advance(1);
    socket.write(`${LOOK_UP}Transfer-Encoding: chunked\r\n\r\n1d\r\n${BODY}\r\n0\r\n\r\n`);
    await world.clock.advance(1);
    expect(answers()).toEqual(['404', '404']);
    socket.write(`${LOOK_UP}Transfer-Encoding: chunked\r\n\r\n${`8000\r\n${' '.repeat(0x8000)}\r\n`.repeat(9)}`);
    await world.clock.advance(1);
    expect(answers()).toEqual(['404', '404', '413']);
    expect(socket.readableEnded).toBe(true);
  });

  test('closes an idle connection after two minutes, without a word', async () => {
    const { socket, answers } = await open();
    socket.write(WHOLE);
    await world.clock.advance(119_000);
    expect(socket.readableEnded).toBe(false);
    await world.clock.advance(1_001);
    expect(socket.readableEnded).toBe(true);
    expect(answers()).toEqual(['404']);
    expect(frontEvents(world)).toEqual([]);
  });

  test('answers 408 to a body that stops, however slow it may be before', async () => {
    const { socket, answers } = await open();
    socket.write(`${LOOK_UP}Content-Length: 100\r\n\r\n`);
    for (let i = 0; i < 5; i++) {
      socket.write(' ');
      await world.clock.advance(29_000);
    }
    expect(answers()).toEqual([]);
    await world.clock.advance(1_000);
    expect(answers()).toEqual(['408']);
    expect(socket.readableEnded).toBe(true);
    expect(frontEvents(world)).toMatchObject([{ type: 'httpRefused', status: 408 }]);
  });

  test('answers 408 to a second head that is never whole', async () => {
    const { socket, answers } = await open();
    socket.write(WHOLE);
    await world.clock.advance(1);
    socket.write('PUT /');
    await world.clock.advance(120_000);
    expect(answers()).toEqual(['404']);
    expect(socket.readableEnded).toBe(true);
  });

  test.each([
    [
      'a head that is too large',
      `GET / HTTP/1.1\r\nHost: ${DPS}\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`,
      '431',
      undefined,
    ],
    ['what is no HTTP', 'HELLO\r\n\r\n', '400', undefined],
    ['no Host', 'GET / HTTP/1.1\r\n\r\n', '400', '/'],
    ['two lengths', `${LOOK_UP}Content-Length: 1\r\nContent-Length: 2\r\n\r\nxx`, '400', undefined],
    ['a length that is none', `${LOOK_UP}Content-Length: x\r\n\r\n`, '400', undefined],
    ['another upgrade', `GET / HTTP/1.1\r\nHost: ${DPS}\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n`, '400', '/'],
  ])('refuses %s, and closes', async (_, text, status, path) => {
    const { socket, answers } = await open();
    socket.write(text);
    await world.clock.advance(1);
    expect(answers()).toEqual([status]);
    expect(socket.readableEnded).toBe(true);
    expect(frontEvents(world)).toMatchObject([{ type: 'httpRefused', status: Number(status) }]);
    expect(frontEvents(world)[0]).toMatchObject(path === undefined ? {} : { path });
  });

  test('never tells a query, where signatures are', async () => {
    const { socket } = await open();
    socket.write(`GET /nothing?sig=secret HTTP/1.1\r\nHost: ${DPS}\r\n\r\n`);
    await world.clock.advance(1);
    expect(frontEvents(world)).toMatchObject([{ status: 404, path: '/nothing' }]);
    expect(JSON.stringify(world.azure.events())).not.toContain('secret');
    socket.destroy();
  });

  test('the name of the TLS connection counts before the Host header', async () => {
    const { socket } = await open(HUB);
    socket.write(WHOLE);
    await world.clock.advance(1);
    expect(frontEvents(world)).toMatchObject([
      { status: 404, reason: expect.stringMatching(/IoT Hub emulator.* has nothing at/) },
    ]);
    socket.destroy();
  });

  test('is left clean where the client goes in the middle of a request', async () => {
    for (const part of [WHOLE.slice(0, 20), WHOLE.slice(0, -1)]) {
      const { socket } = await open();
      socket.write(part);
      await world.clock.advance(1);
      socket.destroy();
      await world.clock.advance(1);
    }
    expect(world.azure.dps.events()).toEqual([]);
  });

  test('changed anywhere, a request is answered or refused by the clock, and the next one is not disturbed', async () => {
    const letter = WHOLE.codePointAt(0) as number;
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.integer({ min: 1, max: WHOLE.length - 1 }), fc.integer({ min: 1, max: 255 })), {
          minLength: 1,
          maxLength: 4,
        }),
        fc.integer({ min: 1, max: WHOLE.length }),
        async (changes, cut) => {
          const bytes = Buffer.from(WHOLE);
          for (const [at, mask] of changes) bytes.writeUInt8(bytes.readUInt8(at) ^ mask, at);
          expect(bytes[0]).toBe(letter);
          const { socket, answers } = await open();
          socket.write(bytes.subarray(0, cut));
          socket.write(bytes.subarray(cut));
          await world.clock.advance(30_001);
          // Where a shorter body is announced, the rest of it is answered too.
          expect(answers().join()).toMatch(/^4\d\d(,4\d\d)?$/);
          socket.destroy();
        },
      ),
      { numRuns: 100 },
    );
    const { socket, answers } = await open();
    socket.write(WHOLE);
    await world.clock.advance(1);
    expect(answers()).toEqual(['404']);
    socket.destroy();
  });

  test('closing the emulator ends a connection in the middle of a request', async () => {
    const { socket } = await open();
    socket.write(WHOLE.slice(0, -1));
    await world.clock.advance(1);
    await world.azure.close();
    await world.clock.advance(1);
    expect(socket.readableEnded).toBe(true);
  });
});

test('2,000 requests at once, by TCP, have their answers in order', async () => {
  const azure = await LocalAzure.start();
  const socket = connect({ ...(await azure.listen()), servername: DPS, ca: azure.trustRoots });
  try {
    await once(socket, 'secureConnect');
    const methods = Array.from({ length: 2000 }, (_, i) => (i % 3 === 0 ? 'PUT' : 'POST'));
    socket.write(methods.map((method) => WHOLE.replace('POST', method)).join(''));
    let text = '';
    const statuses = (): string[] => [...text.matchAll(/HTTP\/1\.1 (\d+)/g)].map((match) => match[1] as string);
    for await (const bytes of socket) {
      text += (bytes as Buffer).toString();
      if (text.length > 2000 * 100 && statuses().length >= 2000) break;
    }
    expect(statuses()).toEqual(methods.map((method) => (method === 'PUT' ? '405' : '401')));
  } finally {
    socket.destroy();
    await azure.close();
  }
});

describe('a connection on which requests wait for their answers', () => {
  const SIZE = 100_000;
  const request = (path: string): string =>
    `PUT ${path} HTTP/1.1\r\nHost: ${HUB}\r\nContent-Length: ${SIZE}\r\n\r\n${'x'.repeat(SIZE)}`;
  let clock: VirtualClock;
  let asked: { readonly path: string; answer(answer: HttpAnswer): void }[];
  let refusals: string[];
  let text: string;

  const open = (isMute = false) => {
    clock = new VirtualClock();
    [asked, refusals, text] = [[], [], ''];
    const front = new HttpFront({
      clock,
      tracer: new Tracer(clock, new Lifetime()),
      saved: () => undefined,
      fault: () => undefined,
      serviceFor: () => ({
        largestBody: () => SIZE,
        http({ path }) {
          const answer = new Promise<HttpAnswer>((resolve) => asked.push({ path, answer: resolve }));
          return isMute ? 'none' : answer;
        },
      }),
      opened: () => undefined,
      refused: ({ reason }) => refusals.push(reason),
    });
    const [socket, theirs] = createDuplexPair(clock);
    socket.on('data', (bytes: Buffer) => (text += bytes.toString()));
    front.accept(theirs, { connection: 1 });
    return socket;
  };
  const answered = (): string[] => [...text.matchAll(/x-path: (\S+)/g)].map((match) => match[1] as string);
  const paths = Array.from({ length: 100 }, (_, i) => `/${i}`);

  test('is not read from meanwhile, and all are answered in their order', async () => {
    const socket = open();
    for (const path of paths) socket.write(request(path));
    let done = 0;
    while (done < paths.length) {
      await clock.advance(60_000);
      // Those of 256 KiB, and the last that was read.
      expect(asked.length - done).toBeGreaterThan(0);
      expect(asked.length - done).toBeLessThanOrEqual(4);
      // The newest first: answers have to wait for each other.
      const newest = asked.slice(done).reverse();
      done = asked.length;
      for (const { path, answer } of newest) answer({ status: 200, headers: { 'x-path': path } });
    }
    await clock.advance(1);
    expect(answered()).toEqual(paths);
    expect(refusals).toEqual([]);
    socket.destroy();
    await clock.advance(1);
  });

  test('is read from where a fault gives them none', async () => {
    const socket = open(true);
    for (const path of paths.slice(0, 20)) socket.write(request(path));
    await clock.advance(1);
    expect(asked.map(({ path }) => path)).toEqual(paths.slice(0, 20));
    socket.destroy();
    await clock.advance(1);
  });
});
