// What a service may send as a WebSocket: the registration fails and says why, C does not crash, and nothing is kept without a limit.
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import type { Duplex } from 'node:stream';
import * as tls from 'node:tls';
import { generate } from 'mqtt-packet';

import { VirtualClock } from '../../src/clock/index.js';
import { SphereDevice } from '../../src/device/index.js';
import type { EndpointResolver } from '../../src/transport/index.js';
import { DPS, keyPem, rootAuthority, startSphere, type Sphere } from '../support/sphere.js';

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');
const times = (count: number, bytes: Buffer): Buffer => Buffer.concat(Array.from({ length: count }, () => bytes));
/** After what a service says first, as long as it may. */
const FLOOD = 40;

type Upgrade = (request: string) => Buffer;

const upgraded: Upgrade = (request) => {
  const key = /sec-websocket-key: *(\S+)/i.exec(request)?.[1] ?? '';
  const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
  const protocol = /sec-websocket-protocol: *(\S+)/i.exec(request)?.[1];
  const head = ['HTTP/1.1 101 Switching Protocols', 'Upgrade: websocket', 'Connection: Upgrade'];
  const answers = [`Sec-WebSocket-Accept: ${accept}`, `Sec-WebSocket-Protocol: ${protocol}`];
  return Buffer.from([...head, ...answers, '', ''].join('\r\n'));
};

/** What a service says, and then again and again while it may write. */
interface Says {
  readonly upgrade?: Upgrade;
  readonly first: Buffer;
  readonly more?: Buffer;
}

describe('a service on a WebSocket', () => {
  let identity: tls.SecureContext;
  let trustRoots: string;
  let says: Says;
  let accepted: Duplex[];
  /** Bytes that it could write. */
  let written: number;

  beforeAll(async () => {
    const authority = await rootAuthority(new VirtualClock(), 'Hostile CA');
    const issued = await authority.issue({ commonName: DPS, usage: 'server', subjectAltNames: [DPS] });
    identity = tls.createSecureContext({ cert: issued.chain, key: keyPem(issued) });
    trustRoots = authority.pem;
  });
  beforeEach(() => {
    accepted = [];
    written = 0;
  });

  const resolve: EndpointResolver = (name) => (name === DPS ? { kind: 'in-process', accept } : undefined);

  function accept(stream: Duplex): void {
    const socket = new tls.TLSSocket(stream as never, { isServer: true, secureContext: identity });
    accepted.push(socket);
    for (const each of [stream, socket]) each.on('error', () => undefined);
    let request = '';
    socket.on('data', (bytes: Buffer) => {
      if (request.includes('\r\n\r\n')) return;
      request += bytes.toString('latin1');
      if (request.includes('\r\n\r\n')) say(socket, request);
    });
  }

  function say(socket: Duplex, request: string): void {
    const { upgrade = upgraded, first, more } = says;
    socket.write(Buffer.concat([upgrade(request), first]));
    const flood = (): void => {
      while (more !== undefined && written < FLOOD * 1024 * 1024 && socket.writable) {
        written += more.length;
        if (!socket.write(more)) return void socket.once('drain', flood);
      }
    };
    flood();
  }

  async function provisioned(sphere: Sphere): Promise<{ code?: string; cause?: { code?: string; message?: string } }> {
    const { sdk, pump, clock, cloud } = sphere;
    const device = new SphereDevice({ sdk, pump, idScope: cloud.dps.idScope, protocol: 'mqtt-ws' });
    const outcome = await clock.runUntil(device.provision().catch((error: unknown) => error));
    device.close();
    return outcome as never;
  }

  const kib = Buffer.alloc(64 * 1024, 'x');
  const HOSTILE: readonly (readonly [what: string, says: Says])[] = [
    ['a fragment of no length', { first: Buffer.concat([hex('02 00'), times(100, hex('00 00'))]) }],
    ['a message of 1500000000 bytes', { first: hex('82 7f 00000000 59682f00'), more: kib }],
    ['a message of 2097157 bytes', { first: hex('02 01 78 80 7f 00000000 00200004'), more: kib }],
    [
      'an HTTP head of more than 16384 bytes',
      { upgrade: () => Buffer.from('HTTP/1.1 101 x\r\n'), first: kib, more: kib },
    ],
    ['an HTTP head with a NUL in it', { upgrade: () => Buffer.from('HTTP/1.1 101 \0\r\n\r\n'), first: kib, more: kib }],
    ['more than 64 control frames at once', { first: times(100, hex('89 00')), more: times(1000, hex('89 00')) }],
    ['a control frame of 60000 bytes', { first: hex('89 7e ea60'), more: kib }],
    ['a masked frame', { first: hex('82 84 00000000 20020000') }],
    ['a frame with reserved bits', { first: hex('c2 04 20020000') }],
  ];

  test.each(HOSTILE)('that sends %s: the registration fails, and the log says why', async (what, saying) => {
    says = saying;
    const sphere = await startSphere({ pump: true, sdk: { resolve, trustRoots } });
    const { sdk } = sphere;
    for (let i = 0; i < 2; i++) {
      const { code, cause } = await provisioned(sphere);
      expect(code).toBe('PROVISIONING_FAILED');
      expect(cause).toMatchObject({ code: 'WEBSOCKET_INVALID', message: expect.stringContaining(`: ${what}.`) });
    }
    // C lives, and what could not be used was not read.
    expect(sdk.IoTHubClient_GetVersionString()).toBe('1.14.0');
    expect(written).toBeLessThan(8 * 1024 * 1024);
  });

  test('what it sent rightly before reaches the SDK', async () => {
    // CONNACK: refused, and then a fault.
    const connack = generate({ cmd: 'connack', returnCode: 5, sessionPresent: false });
    says = { first: Buffer.concat([Buffer.of(0x82, connack.length), connack, hex('02 00')]) };
    const sphere = await startSphere({ pump: true, sdk: { resolve, trustRoots } });
    await provisioned(sphere);
    expect(sphere.sdk.diagnostics.map(({ code }) => code)).toEqual(['DPS_CONNECT_REFUSED', 'WEBSOCKET_INVALID']);
    expect(sphere.log.map(({ message }) => message).join('\n')).toMatch(/CONNACK|Connection Not Accepted/i);
  });

  describe('that the package ws reads', () => {
    const sdk = { resolve, webSocket: 'ws' as const };

    test.each(HOSTILE.filter(([what]) => /bytes$/.test(what) && /^a m/.test(what)))(
      'and that sends %s: the registration fails, and the log says why',
      async (_, saying) => {
        says = saying;
        const sphere = await startSphere({ pump: true, sdk: { ...sdk, trustRoots } });
        const { code, cause } = await provisioned(sphere);
        expect(code).toBe('PROVISIONING_FAILED');
        expect(cause).toMatchObject({ code: 'WEBSOCKET_INVALID', message: expect.stringContaining('payload size') });
        expect(written).toBeLessThan(8 * 1024 * 1024);
      },
    );

    test('and that says nothing: a device that is closed leaves nothing', async () => {
      says = { first: Buffer.alloc(0) };
      const sphere = await startSphere({ pump: true, sdk: { ...sdk, trustRoots } });
      const { clock, pump, cloud } = sphere;
      const device = new SphereDevice({ sdk: sphere.sdk, pump, idScope: cloud.dps.idScope, protocol: 'mqtt-ws' });
      const outcome = clock.runUntil(device.provision({ timeout: 5000 }).catch((error: unknown) => error));
      expect(await outcome).toMatchObject({ code: 'TIMED_OUT' });
      const [socket] = accepted as [Duplex];
      device.close();
      // In real time: the package's own limit is 30 s of it.
      if (!socket.readableEnded) await once(socket, 'end', { signal: AbortSignal.timeout(10_000) });
    });
  });
});
