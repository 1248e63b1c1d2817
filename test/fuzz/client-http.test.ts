import * as fc from 'fast-check';

import type { Credential } from '../../src/certificates/index.js';
import { ask } from '../emulator/https.js';
import { DPS, HUB } from '../emulator/support.js';
import { always, TIMEOUT, manglings, SEED, sendInPieces } from './mangle.js';
import { ATTACKER, NEIGHBOUR, Neighbourhood, SECRET } from './neighbourhood.js';

const STORAGE = 'sphereiotlocal.blob.core.windows.net';
const HUB_API = 'api-version=2021-04-12';
const DPS_API = 'api-version=2021-06-01';

interface Ticket {
  readonly correlationId: string;
  readonly blobName: string;
  readonly sasToken: string;
}

/** A request as text: what a client sends, head and body. */
function request(host: string, method: string, target: string, body = '', ...headers: string[]): Buffer {
  const lines = [`${method} ${target} HTTP/1.1`, `Host: ${host}`, 'Content-Type: application/json', ...headers];
  return Buffer.from(`${lines.join('\r\n')}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
}

/** The same body in chunks. */
function chunked(host: string, method: string, target: string, body: string): Buffer {
  const lines = [`${method} ${target} HTTP/1.1`, `Host: ${host}`, 'Content-Type: application/json'];
  const chunks = [body.slice(0, 7), body.slice(7)].map((text) => `${text.length.toString(16)};x=y\r\n${text}\r\n`);
  return Buffer.from(
    `${lines.join('\r\n')}\r\nTransfer-Encoding: chunked\r\nTrailer: X\r\n\r\n${chunks.join('')}0\r\nX: y\r\n\r\n`,
  );
}

describe(`HTTP that a client sends wrongly (seed ${SEED})`, () => {
  let all: Neighbourhood;
  /** The neighbour's file, by the token that its hub gave it. */
  let secret: string;
  let own: Ticket;

  const upload = async (deviceId: string, credential: Credential, blobName: string): Promise<Ticket> => {
    const path = `/devices/${deviceId}/files?${HUB_API}`;
    const reply = await ask(all.world, { host: HUB, method: 'POST', path, body: { blobName }, credential });
    expect(reply.status).toBe(200);
    return reply.json as unknown as Ticket;
  };

  beforeAll(async () => {
    all = await Neighbourhood.create();
    const ticket = await upload(NEIGHBOUR, all.neighbour, 'secret.txt');
    secret = `/uploads/${ticket.blobName}${ticket.sasToken}`;
    const headers = { 'x-ms-blob-type': 'BlockBlob' };
    const put = await ask(all.world, { host: STORAGE, method: 'PUT', path: secret, body: SECRET, headers });
    expect(put.status).toBe(201);
    own = await upload(ATTACKER, all.attacker, 'own.txt');
  });
  afterAll(() => all.close());

  /** Beside what `Neighbourhood` looks at: the neighbour's file is as it was, and HTTP is answered. */
  const attack = async (
    host: string,
    credential: Credential | undefined,
    [bytes, mangling]: [Buffer, Parameters<Neighbourhood['attack']>[2]],
    ...admitted: string[]
  ): Promise<void> => {
    const answers = await all.attack(await all.world.secure(host, 443, credential), bytes, mangling);
    await all.check(answers, ...admitted);
    const file = await ask(all.world, { host: STORAGE, path: secret });
    expect([file.status, file.body.toString()]).toEqual([200, SECRET]);
    expect(all.world.hub.device(NEIGHBOUR).uploads()).toEqual([]);
  };

  const toDps = (id: string): Buffer[] => {
    const path = `/${all.world.azure.dps.idScope}/registrations/${id}`;
    const body = JSON.stringify({ registrationId: id, payload: { a: [1] } });
    return [
      request(DPS, 'PUT', `${path}/register?${DPS_API}`, body),
      chunked(DPS, 'PUT', `${path}/register?${DPS_API}`, body),
      request(DPS, 'GET', `${path}/operations/4.0.0?${DPS_API}`),
      request(DPS, 'POST', `${path}?${DPS_API}`, JSON.stringify({ registrationId: id })),
    ];
  };
  const toHub = (id: string): Buffer[] => {
    const told = JSON.stringify({ correlationId: own.correlationId, isSuccess: false, statusCode: 500 });
    return [
      request(HUB, 'POST', `/devices/${id}/files?${HUB_API}`, '{"blobName":"x/y.txt"}'),
      chunked(HUB, 'POST', `/devices/${id}/files?${HUB_API}`, '{"blobName":"x/y.txt"}'),
      request(HUB, 'POST', `/devices/${id}/files/notifications?${HUB_API}`, told),
      request(
        HUB,
        'POST',
        `/devices/${id}/files/notifications/${encodeURIComponent(own.correlationId)}?${HUB_API}`,
        told,
      ),
    ];
  };
  const toStorage = (blobName: string): Buffer[] => {
    const target = `/uploads/${blobName}${own.sasToken}`;
    const list = '<?xml version="1.0"?><BlockList><Latest>YQ==</Latest></BlockList>';
    return [
      request(STORAGE, 'PUT', target, 'text', 'x-ms-blob-type: BlockBlob', 'x-ms-blob-content-type: text/plain'),
      request(STORAGE, 'PUT', `${target}&comp=block&blockid=YQ%3D%3D`, 'text'),
      request(STORAGE, 'PUT', `${target}&comp=blocklist`, list),
      request(STORAGE, 'GET', target),
      request(STORAGE, 'HEAD', target),
    ];
  };

  /** One request, or two on one connection. */
  const said = (requests: readonly Buffer[]) =>
    fc.tuple(
      fc.oneof(
        fc.constantFrom(...requests),
        fc.tuple(fc.constantFrom(...requests), fc.constantFrom(...requests)).map((two) => Buffer.concat(two)),
      ),
      manglings(),
    );

  test('what it sends rightly is taken, or nothing of the following would say anything', async () => {
    const rightly = { changes: [], pieces: [9], ending: 'end' } as const;
    const answered = async (host: string, credential: Credential | undefined, requests: readonly Buffer[]) => {
      const statuses: string[] = [];
      for (const bytes of requests) {
        const answer = await all.attack(await all.world.secure(host, 443, credential), bytes, rightly);
        statuses.push(answer.toString().slice(9, 12));
        await all.check(answer, `registered:${ATTACKER}`);
      }
      return statuses;
    };
    expect(await answered(DPS, all.attacker, toDps(ATTACKER))).toEqual(['202', '202', '404', '200']);
    expect(await answered(STORAGE, undefined, toStorage(own.blobName))).toEqual(['201', '201', '201', '200', '200']);
    expect(await answered(HUB, all.attacker, toHub(ATTACKER))).toEqual(['200', '200', '204', '400']);
  });

  test(
    'DPS: nobody is registered without a certificate, or with one of another CA',
    async () => {
      await always(fc.tuple(said(toDps(NEIGHBOUR)), fc.boolean()), ([what, forged]) =>
        attack(DPS, forged ? all.forged : undefined, what),
      );
    },
    TIMEOUT,
  );

  test(
    'DPS: a device registers itself at most',
    async () => {
      const what = said([...toDps(ATTACKER), ...toDps(NEIGHBOUR)]);
      await always(what, (bytes) => attack(DPS, all.attacker, bytes, `registered:${ATTACKER}`));
    },
    TIMEOUT,
  );

  test(
    'file upload: nobody is let in without a certificate, or with one of another CA',
    async () => {
      const before = fileEvents();
      await always(fc.tuple(said(toHub(NEIGHBOUR)), fc.boolean()), ([what, forged]) =>
        attack(HUB, forged ? all.forged : undefined, what),
      );
      expect(fileEvents()).toBe(before);
    },
    TIMEOUT,
  );

  test(
    'file upload: a device uploads for itself at most',
    async () => {
      await always(said([...toHub(ATTACKER), ...toHub(NEIGHBOUR)]), (what) => attack(HUB, all.attacker, what));
    },
    TIMEOUT,
  );

  test(
    'blobs: a token for one is none for another',
    async () => {
      const blobNames = [own.blobName, `${NEIGHBOUR}/secret.txt`, `${own.blobName}/../../${NEIGHBOUR}/secret.txt`];
      await always(said(blobNames.flatMap(toStorage)), (what) => attack(STORAGE, undefined, what));
    },
    TIMEOUT,
  );

  test.each([
    ['a head without an end', 'GET / HTTP/1.1\r\nX: ', 'x'.repeat(10_000), /^HTTP\/1\.1 431 /],
    [
      'a body of 10^18 bytes',
      `POST /devices/a/files?${HUB_API} HTTP/1.1\r\nHost: ${HUB}\r\nContent-Length: 1${'0'.repeat(18)}\r\n\r\n`,
      'x',
      /^HTTP\/1\.1 4/,
    ],
    [
      'a body without an end',
      `POST /devices/a/files?${HUB_API} HTTP/1.1\r\nHost: ${HUB}\r\nTransfer-Encoding: chunked\r\n\r\n`,
      `2710\r\n${'x'.repeat(10_000)}\r\n`,
      /^HTTP\/1\.1 4/,
    ],
    [
      'a chunk without an end',
      `POST /devices/a/files?${HUB_API} HTTP/1.1\r\nHost: ${HUB}\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffff\r\n`,
      'x'.repeat(10_000),
      /^HTTP\/1\.1 4/,
    ],
  ])('%s: is refused, and not all of it is kept', async (_name, head, more, answered) => {
    const socket = await all.world.secure(HUB, 443);
    const answers: Buffer[] = [];
    socket.on('data', (bytes: Buffer) => answers.push(bytes)).on('error', () => undefined);
    await sendInPieces(socket, Buffer.from(head), [70_000]);
    for (let i = 0; i < 30; i++) await sendInPieces(socket, Buffer.from(more), [70_000]);
    await all.world.clock.advance(0);
    expect(Buffer.concat(answers).toString()).toMatch(answered);
    expect(socket.readableEnded).toBe(true);
    socket.destroy();
    await all.check(Buffer.concat(answers));
  });

  function fileEvents(): number {
    return all.world.azure.events().filter(({ type }) => type === 'fileUploaded').length;
  }
});
