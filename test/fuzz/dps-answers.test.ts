// What a hostile DPS may answer: lengths, topics, Retry-After and strings of every size. The C SDK computes sizes of buffers from them.
import type { Duplex } from 'node:stream';
import * as tls from 'node:tls';
import * as fc from 'fast-check';
import { generate, parser, type Packet } from 'mqtt-packet';

import { VirtualClock } from '../../src/clock/index.js';
import { PROV_DEVICE_RESULT } from '../../src/sdk/index.js';
import { createProv, DPS, HUB, keyPem, register, rootAuthority, startSphere, type Sphere } from '../support/sphere.js';
import { always, TIMEOUT, SEED } from './mangle.js';

const MIB = 1024 * 1024;
const TOPIC = '$dps/registrations/res/200/?$rid=1';
const ASSIGNED = `{"operationId":"1","status":"assigned","registrationState":{"assignedHub":"${HUB}","deviceId":"d"}}`;

let answer: Buffer;
/** After the answer. A packet that comes with the end of its connection is one that C may not come to read. */
let hangsUp: boolean;
let sphere: Sphere;

beforeEach(async () => {
  hangsUp = true;
  const authority = await rootAuthority(new VirtualClock(), 'Hostile CA');
  const identity = await authority.issue({ commonName: DPS, usage: 'server', subjectAltNames: [DPS] });
  const secureContext = tls.createSecureContext({ cert: identity.chain, key: keyPem(identity) });
  const accept = (stream: Duplex): void => serve(new tls.TLSSocket(stream as never, { isServer: true, secureContext }));
  sphere = await startSphere({
    pump: true,
    sdk: { resolve: (name) => (name === DPS ? { kind: 'in-process', accept } : undefined), trustRoots: authority.pem },
  });
});

/** Plays DPS up to the first request, which it answers with `answer`. */
function serve(socket: tls.TLSSocket): void {
  const send = (packet: Packet): void => void socket.write(generate(packet));
  const mqtt = parser({ protocolVersion: 4 });
  mqtt.on('packet', (packet: Packet) => {
    if (packet.cmd === 'connect') send({ cmd: 'connack', returnCode: 0, sessionPresent: false });
    if (packet.cmd === 'subscribe') send({ cmd: 'suback', messageId: packet.messageId ?? 1, granted: [1] });
    if (packet.cmd !== 'publish') return;
    if (packet.qos > 0) send({ cmd: 'puback', messageId: packet.messageId ?? 1 });
    socket.write(answer);
    if (hangsUp) socket.end();
  });
  socket.on('data', (bytes) => mqtt.parse(bytes));
  socket.on('error', () => undefined);
}

async function registered(bytes: Buffer): Promise<string | undefined> {
  answer = bytes;
  const prov = createProv(sphere);
  sphere.sdk.Prov_Device_LL_SetOption(prov, 'SetDeviceId', 1);
  const { result } = await register(sphere, prov);
  sphere.sdk.Prov_Device_LL_Destroy(prov);
  return PROV_DEVICE_RESULT[result];
}

/** A PUBLISH whose lengths say what they are told to, whatever follows. */
function publish(topic: string, payload: string, lengths: { remaining?: number; topic?: number } = {}): Buffer {
  const name = Buffer.from(topic);
  const body = Buffer.concat([Buffer.alloc(2), name, Buffer.from(payload)]);
  body.writeUInt16BE(lengths.topic ?? Math.min(name.length, 0xffff));
  const header = [0x30];
  for (let left = lengths.remaining ?? body.length, more = true; more;) {
    const digit = left % 128;
    left = Math.floor(left / 128);
    more = left > 0;
    header.push(digit | (more ? 0x80 : 0));
  }
  return Buffer.concat([Buffer.from(header), body]);
}

/** Near a number that sizes wrap around at, or that a field ends at. */
function near(...edges: number[]): fc.Arbitrary<number> {
  return fc
    .tuple(fc.constantFrom(...edges), fc.integer({ min: -3, max: 3 }))
    .map(([edge, by]) => Math.max(0, edge + by));
}

test('an honest answer is taken, or nothing of the following would say anything', async () => {
  expect(await registered(publish(TOPIC, ASSIGNED))).toBe('PROV_DEVICE_RESULT_OK');
});

// Of four bytes a length has 2 MiB at least: umqtt takes none of them, so that no size of a buffer wraps around.
test.each([2 * MIB, 2 ** 27, 2 ** 28 - 1])(
  'a packet of %d bytes is refused as soon as its length is told',
  async (size) => {
    expect(await registered(publish(TOPIC, ASSIGNED, { remaining: size }))).not.toBe('PROV_DEVICE_RESULT_OK');
    expect(sphere.log.map(({ message }) => message)).toContainEqual(
      expect.stringContaining('Receive buffer too large'),
    );
    expect(await registered(publish(TOPIC, ASSIGNED))).toBe('PROV_DEVICE_RESULT_OK');
  },
);

test('the largest packet below is taken', async () => {
  hangsUp = false;
  const rest = 2 * MIB - 1 - publish(TOPIC, ASSIGNED.replace('{', '{"spare":"",')).length + 3;
  const large = publish(TOPIC, ASSIGNED.replace('{', `{"spare":"${'x'.repeat(rest)}",`));
  expect(large.subarray(1, 4).toString('hex')).toBe('ffff7f');
  expect(await registered(large)).toBe('PROV_DEVICE_RESULT_OK');
});

describe(`whatever it answers, the registration comes to an end, and the next one succeeds (seed ${SEED})`, () => {
  const sizes = near(0, 127, 128, 255, 4096, 16_383, 16_384, 2 ** 16);
  const survives = async (bytes: Buffer): Promise<void> => {
    expect(await registered(bytes)).toMatch(/^PROV_DEVICE_RESULT_/);
    expect(await registered(publish(TOPIC, ASSIGNED))).toBe('PROV_DEVICE_RESULT_OK');
  };

  test(
    'lengths',
    async () => {
      const lengths = fc.record({
        remaining: near(0, 2, 127, 2 ** 14, 2 ** 16, 2 ** 21, 2 ** 22, 2 ** 28 - 4),
        topic: near(0, 34, 2 ** 16 - 4),
      });
      await always(lengths, (of) => survives(publish(TOPIC, ASSIGNED, of)));
    },
    TIMEOUT,
  );

  test(
    'topics and Retry-After',
    async () => {
      const retry = fc.oneof(
        near(0, 2 ** 31, 2 ** 32, 2 ** 53).map(String),
        fc.constantFrom('', '-1', '99999999999999999999', '0x7f', '1e9', 'x'),
        sizes.map((size) => '9'.repeat(size)),
      );
      const status = fc.constantFrom('200', '202', '401', '429', '', '-1', '99999999999', '4294967725');
      await always(fc.tuple(status, retry), ([code, after]) =>
        survives(publish(`$dps/registrations/res/${code}/?$rid=1&retry-after=${after}`, ASSIGNED)),
      );
    },
    TIMEOUT,
  );

  test(
    'strings of JSON',
    async () => {
      const field = fc.constantFrom('operationId', 'status', 'assignedHub', 'deviceId', 'payload', 'errorMessage');
      const filler = fc.constantFrom('x', '\\u0000', '\\"', '\\ud800', '€', '%');
      await always(fc.tuple(field, filler, sizes), ([name, text, size]) => {
        const value = `"${text.repeat(size)}"`;
        const state = `{"assignedHub":"${HUB}","deviceId":"d","${name}":${value}}`;
        return survives(
          publish(TOPIC, `{"operationId":"1","status":"assigned","${name}":${value},"registrationState":${state}}`),
        );
      });
    },
    TIMEOUT,
  );
});
