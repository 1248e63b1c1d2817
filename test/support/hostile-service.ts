// A service that lets everybody in, and then says what a test has it say.
import type { Duplex } from 'node:stream';
import * as tls from 'node:tls';
import { generate, parser, type Packet } from 'mqtt-packet';

import { VirtualClock } from '../../src/clock/index.js';
import type { EndpointResolver } from '../../src/transport/index.js';
import { DPS, HUB, keyPem, rootAuthority } from './sphere.js';

/** What it says after a packet. */
export type Say = (socket: Duplex, packet: Packet) => void;

/** It answers under the names of the hub and of DPS. */
export interface Hostile {
  readonly resolve: EndpointResolver;
  readonly trustRoots: string;
  say: Say;
  /** Connections that were opened. */
  connections: number;
}

export async function hostileService(): Promise<Hostile> {
  const authority = await rootAuthority(new VirtualClock(), 'Hostile CA');
  const names = [HUB, DPS];
  const issued = await authority.issue({ commonName: HUB, usage: 'server', subjectAltNames: names });
  const secureContext = tls.createSecureContext({ cert: issued.chain, key: keyPem(issued) });
  const service: Hostile = {
    resolve: (name) => (names.includes(name) ? { kind: 'in-process', accept } : undefined),
    trustRoots: authority.pem,
    say: () => undefined,
    connections: 0,
  };
  return service;

  function accept(stream: Duplex): void {
    service.connections++;
    const socket = new tls.TLSSocket(stream as never, { isServer: true, secureContext });
    const mqtt = parser({ protocolVersion: 4 });
    mqtt.on('packet', (packet: Packet) => {
      if (packet.cmd === 'connect') socket.write(generate({ cmd: 'connack', returnCode: 0, sessionPresent: false }));
      if (packet.cmd === 'subscribe')
        socket.write(generate({ cmd: 'suback', messageId: packet.messageId ?? 1, granted: [1, 1] }));
      const [, rid] = (packet.cmd === 'publish' && /^\$iothub\/twin\/GET\/\?\$rid=(.*)$/.exec(packet.topic)) || [];
      if (rid !== undefined) socket.write(publish(`$iothub/twin/res/200/?$rid=${rid}`, TWIN));
      service.say(socket, packet);
    });
    socket.on('data', (bytes) => mqtt.parse(bytes));
    for (const each of [stream, socket]) each.on('error', () => undefined).on('end', () => each.end());
  }
}

const TWIN = '{"desired":{"$version":1},"reported":{"$version":1}}';

/** A PUBLISH, as bytes. */
export function publish(topic: string, payload: string | Buffer = '', qos: 0 | 1 | 2 = 0): Buffer {
  const id = qos === 0 ? {} : { messageId: 7 };
  return generate({ cmd: 'publish', topic, payload, qos, dup: false, retain: false, ...id });
}
