// A hub that sends something else than a twin: the read fails with its code, and nobody is told of desired properties.
import type { Duplex } from 'node:stream';
import * as tls from 'node:tls';
import { generate, parser, type Packet } from 'mqtt-packet';

import { VirtualClock } from '../../src/clock/index.js';
import { SphereDevice } from '../../src/device/index.js';
import { HUB, keyPem, rootAuthority, startSphere } from '../support/sphere.js';

/** A hub that answers each request for the twin with `twin`. */
function accept(stream: Duplex, secureContext: tls.SecureContext, twin: string): void {
  const socket = new tls.TLSSocket(stream as never, { isServer: true, secureContext });
  const send = (packet: Packet): void => void socket.write(generate(packet));
  const mqtt = parser({ protocolVersion: 4 });
  mqtt.on('packet', (packet: Packet) => {
    if (packet.cmd === 'connect') send({ cmd: 'connack', returnCode: 0, sessionPresent: false });
    if (packet.cmd === 'subscribe')
      send({ cmd: 'suback', messageId: packet.messageId ?? 1, granted: packet.subscriptions.map(() => 0 as const) });
    if (packet.cmd !== 'publish' || !packet.topic.startsWith('$iothub/twin/GET/')) return;
    const topic = packet.topic.replace('GET', 'res/200');
    send({ cmd: 'publish', topic, payload: twin, qos: 0, dup: false, retain: false });
  });
  socket.on('data', (bytes) => mqtt.parse(bytes));
  for (const each of [stream, socket]) each.on('error', () => undefined);
}

test.each([
  ['null', false],
  ['5', false],
  ['[]', false],
  ['no JSON', false],
  ['{"desired":null,"reported":{}}', false],
  ['{"desired":{},"reported":5}', false],
  ['{"desired":{"a":1},"reported":{}}', true],
])('%s: a twin: %s', async (twin, isTwin) => {
  const authority = await rootAuthority(new VirtualClock(), 'Odd CA');
  const identity = await authority.issue({ commonName: HUB, usage: 'server', subjectAltNames: [HUB] });
  const context = tls.createSecureContext({ cert: identity.chain, key: keyPem(identity) });
  const sphere = await startSphere({
    pump: true,
    sdk: {
      resolve: () => ({ kind: 'in-process', accept: (stream) => accept(stream, context, twin) }),
      trustRoots: authority.pem,
    },
  });
  const { sdk, pump, deviceId, clock } = sphere;
  const device = new SphereDevice({ sdk, pump, hub: HUB, deviceId });
  const told: unknown[] = [];
  device.onDesired((desired) => told.push(desired));
  await clock.runUntil(device.connect());
  const read = clock.runUntil(device.getTwin());
  if (isTwin) expect(await read).toEqual({ desired: { a: 1 }, reported: {} });
  else await expect(read).rejects.toMatchObject({ code: 'TWIN_FAILED', message: expect.stringContaining('no twin') });
  device.close();
  expect(told.every((desired) => isTwin && JSON.stringify(desired) === '{"a":1}')).toBe(true);
  expect(told.length > 0).toBe(isTwin);
  await sphere.close();
});
