import { once } from 'node:events';
import type { Duplex } from 'node:stream';
import { connect, type TLSSocket } from 'node:tls';

import * as fc from 'fast-check';

import type { Credential } from '../../../src/certificates/index.js';
import { VirtualClock } from '../../../src/clock/index.js';
import { HttpFront, type HttpRefusal } from '../../../src/emulator/front/http/http-front.js';
import type { HttpAnswer } from '../../../src/emulator/contract/http-service.js';
import { LocalAzure } from '../../../src/emulator/index.js';
import { Lifetime } from '../../../src/emulator/lifetime.js';
import { Tracer } from '../../../src/emulator/observe/trace/tracer.js';
import type { WebSocketStream } from '../../../src/emulator/front/websocket/websocket-stream.js';
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
      isDps: () => false,
      serviceFor: () => ({
        maxBodyBytes: () => SIZE,
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

describe('a request whose answer is to come later', () => {
  let clock: VirtualClock;
  let asked: Map<string, (answer: HttpAnswer | Error) => void>;
  let refusals: HttpRefusal[];
  let opened: WebSocketStream[];
  let text: string;
  let socket: Duplex;

  beforeEach(() => {
    clock = new VirtualClock();
    asked = new Map();
    [refusals, opened, text] = [[], [], ''];
    const front = new HttpFront({
      clock,
      tracer: new Tracer(clock, new Lifetime()),
      saved: () => undefined,
      fault: () => undefined,
      isDps: () => false,
      serviceFor: (host) => {
        if (host === 'broken') throw new Error('no service');
        return {
          maxBodyBytes: () => 100,
          http: ({ path }) =>
            path === '/none'
              ? 'none'
              : new Promise((resolve, reject) =>
                  asked.set(path, (answer) => (answer instanceof Error ? reject(answer) : resolve(answer))),
                ),
        };
      },
      opened: (stream) => opened.push(stream),
      refused: (refusal) => refusals.push(refusal),
    });
    const [ours, theirs] = createDuplexPair(clock);
    socket = ours.on('data', (bytes: Buffer) => (text += bytes.toString('latin1')));
    // As those of TLS: it closes.
    theirs.on('error', () => undefined);
    front.accept(theirs, { connection: 1 });
  });
  afterEach(async () => {
    socket.destroy();
    opened.forEach((stream) => stream.destroy());
    await clock.advance(1);
    // No timer is left.
    await expect(clock.runUntil(new Promise(() => undefined))).rejects.toMatchObject({ code: 'CLOCK_STALLED' });
  });

  const post = (path: string, ...more: string[]): string =>
    [`POST ${path} HTTP/1.1`, `Host: ${HUB}`, 'Content-Length: 1', ...more, '', 'x'].join('\r\n');
  const WEBSOCKET = [
    ...['GET /$iothub/websocket HTTP/1.1', `Host: ${HUB}`, 'Upgrade: websocket', 'Connection: Upgrade'],
    ...[
      'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==',
      'Sec-WebSocket-Version: 13',
      'Sec-WebSocket-Protocol: mqtt',
      '',
      '',
    ],
  ].join('\r\n');
  const statuses = (): string[] => [...text.matchAll(/HTTP\/1\.1 (\d+)/g)].map((match) => match[1] as string);
  const say = (...parts: string[]): Promise<void> => {
    socket.write(parts.join(''));
    return clock.advance(1000);
  };
  const answer = async (path: string, given: HttpAnswer | Error): Promise<void> => {
    asked.get(path)!(given);
    await clock.advance(1);
  };

  const LAST: readonly [string, string, string][] = [
    ['an upgrade', WEBSOCKET, '101'],
    ['an upgrade to something else', WEBSOCKET.replace('websocket HTTP', 'other HTTP'), '400'],
    ['an upgrade without a key', WEBSOCKET.replace(/Sec-WebSocket-Key.*\r\n/, ''), '400'],
    ['a request without Host', 'GET / HTTP/1.1\r\n\r\n', '400'],
    ['one that the emulator fails on', 'GET / HTTP/1.1\r\nHost: broken\r\n\r\n', '500'],
    ['what is no HTTP', 'HELLO\r\n\r\n', '400'],
    [
      'a body that is no HTTP',
      `POST /b HTTP/1.1\r\nHost: ${HUB}\r\nTransfer-Encoding: chunked\r\n\r\nHELLO\r\n`,
      '400',
    ],
    ['an expectation', post('/b', 'Expect: wonders'), '417'],
    ['CONNECT', 'CONNECT example.com:443 HTTP/1.1\r\nHost: example.com:443\r\n\r\n', '400'],
  ];

  test.each(LAST)('has it before %s has one', async (_, last, status) => {
    await say(post('/1'), post('/2'), last);
    expect(statuses()).toEqual([]);
    await answer('/2', { status: 202 });
    expect(statuses()).toEqual([]);
    await answer('/1', { status: 201 });
    expect(statuses()).toEqual(['201', '202', status]);
    expect(opened).toHaveLength(status === '101' ? 1 : 0);
    expect(refusals.map((each) => String(each.status))).toEqual(status === '101' ? [] : [status]);
    expect(socket.readableEnded).toBe(status !== '101');
  });

  test.each(LAST)('is no hindrance to %s where it gets none', async (_, last, status) => {
    await say(post('/none'), last);
    expect(statuses()).toEqual([status]);
  });

  test.each(LAST)('is alone: %s', async (_, last, status) => {
    await say(last);
    expect(statuses()).toEqual([status]);
  });

  test('has it before one that is the last has its own', async () => {
    await say(post('/1'), post('/2', 'Connection: close'));
    await answer('/2', { status: 202 });
    await answer('/1', { status: 201 });
    expect(statuses()).toEqual(['201', '202']);
    expect(socket.readableEnded).toBe(true);
  });

  test('has it before one of which no more comes is refused', async () => {
    await say(post('/1'), post('/2').slice(0, -1));
    await clock.advance(31_000);
    expect(statuses()).toEqual([]);
    await answer('/1', { status: 201 });
    expect(statuses()).toEqual(['201', '408']);
    expect(socket.readableEnded).toBe(true);
  });

  test('may take longer than a connection may be idle, also where the next one has its own', async () => {
    await say(post('/1'), post('/2'));
    await answer('/2', { status: 202 });
    await clock.advance(300_000);
    await answer('/1', { status: 201 });
    expect(statuses()).toEqual(['201', '202']);
    await clock.advance(119_000);
    expect(socket.readableEnded).toBe(false);
    await clock.advance(2000);
    expect(socket.readableEnded).toBe(true);
  });

  test('and which goes meanwhile leaves nothing', async () => {
    await say(post('/1'), WEBSOCKET);
    socket.destroy();
    await clock.advance(1);
    await answer('/1', { status: 201 });
    expect(opened.filter((stream) => !stream.destroyed)).toEqual([]);
    expect(refusals).toEqual([]);
  });

  test.each<[string, HttpAnswer]>([
    ['a header with a line feed', { status: 200, headers: { 'content-type': 'text/plain\nx: y' } }],
    ['a header above ÿ', { status: 200, headers: { etag: '\u0100' } }],
    ['a header that has no name', { status: 200, headers: { '': 'x' } }],
    ['a status that is none', { status: 99_999 }],
  ])('is 500 where the answer has %s, and those around it are not harmed', async (_, bad) => {
    await say(post('/1'), post('/2'), post('/3'));
    await answer('/3', { status: 203 });
    await answer('/2', bad);
    expect(statuses()).toEqual([]);
    await answer('/1', { status: 201 });
    expect(statuses()).toEqual(['201', '500']);
    expect(refusals).toMatchObject([
      { status: 500, path: '/2', reason: expect.stringMatching(/^the emulator failed on it: /) },
    ]);
    expect(socket.readableEnded).toBe(true);
  });

  test('is 500 where the service fails, and the connection goes on', async () => {
    await say(post('/1'));
    await answer('/1', new Error('broken'));
    await say(post('/2'));
    await answer('/2', { status: 202 });
    expect(statuses()).toEqual(['500', '202']);
  });
});
