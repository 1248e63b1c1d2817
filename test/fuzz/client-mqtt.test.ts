import * as fc from 'fast-check';
import { generate, type IConnectPacket, type Packet } from 'mqtt-packet';

import type { Credential } from '../../src/certificates/index.js';
import { DPS, dpsConnect, HUB, hubConnect, sasToken } from '../emulator/support.js';
import { always, changed, TIMEOUT, manglings, SEED, type Mangling } from './mangle.js';
import { ATTACKER, NEIGHBOUR, Neighbourhood } from './neighbourhood.js';

const WRONG_KEY = Buffer.alloc(32, 7).toString('base64');

function packets(...all: Packet[]): Buffer {
  return Buffer.concat(all.map((packet) => generate(packet)));
}

function connect(options: Partial<IConnectPacket>): Buffer {
  return packets({ cmd: 'connect', protocolId: 'MQTT', protocolVersion: 4, clientId: '', clean: true, ...options });
}

let lastId = 0;
function publish(topic: string, payload: string | Buffer = '{}', qos: 0 | 1 = 1): Packet {
  lastId = (lastId % 0xffff) + 1;
  return {
    cmd: 'publish',
    topic,
    payload,
    qos,
    dup: false,
    retain: false,
    ...(qos === 1 ? { messageId: lastId } : {}),
  };
}

function subscribe(...topics: string[]): Packet {
  return { cmd: 'subscribe', messageId: 1, subscriptions: topics.map((topic) => ({ topic, qos: 1 })) };
}

/** What a device says to its hub. */
function hubTalk(deviceId: string): Buffer {
  return packets(
    subscribe(
      '$iothub/methods/POST/#',
      '$iothub/twin/res/#',
      '$iothub/twin/PATCH/properties/desired/#',
      `devices/${deviceId}/messages/devicebound/#`,
    ),
    publish(`devices/${deviceId}/messages/events/%24.ct=application%2Fjson&%24.ce=utf-8&level=1`, '{"temperature":21}'),
    publish('$iothub/twin/GET/?$rid=1', ''),
    publish('$iothub/twin/PATCH/properties/reported/?$rid=2', '{"a":{"b":1}}'),
    publish('$iothub/methods/res/200/?$rid=1'),
    { cmd: 'pingreq' },
    { cmd: 'puback', messageId: 1 },
    { cmd: 'unsubscribe', messageId: 2, unsubscriptions: ['$iothub/methods/POST/#'] },
  );
}

/** What a device says to DPS. */
function dpsTalk(registrationId: string): Buffer {
  return packets(
    subscribe('$dps/registrations/res/#'),
    publish('$dps/registrations/PUT/iotdps-register/?$rid=1', JSON.stringify({ registrationId, payload: { a: [1] } })),
    publish('$dps/registrations/GET/iotdps-get-operationstatus/?$rid=2&operationId=4.0.0', ' '),
    { cmd: 'pingreq' },
  );
}

/** What a device that is let in could try on another one; some of it ends the connection, so it is tried alone. */
const ATTEMPTS: readonly Buffer[] = [
  subscribe('#'),
  subscribe('+/+/+/+/#', 'devices/+/messages/devicebound/#'),
  subscribe(`devices/${NEIGHBOUR}/messages/devicebound/#`),
  subscribe(`$share/g/devices/${NEIGHBOUR}/messages/devicebound/#`, '$SYS/#'),
  publish(`devices/${NEIGHBOUR}/messages/events/`),
  publish(`devices/${NEIGHBOUR}/messages/devicebound/`),
  publish(`devices/${ATTACKER}/messages/events/$.cdid=${NEIGHBOUR}&iothub-connection-device-id=${NEIGHBOUR}`),
  publish('$iothub/twin/PATCH/properties/desired/?$version=99', '{"secret":null}'),
  publish('$iothub/methods/POST/reboot/?$rid=1'),
  publish('$iothub/methods/res/200/?$rid=1'),
].map((packet) => packets(packet));

describe.each([
  ['MQTT', false],
  ['MQTT over WebSocket', true],
])(`what a client sends wrongly by %s (seed ${SEED})`, (_transport, webSocket) => {
  let all: Neighbourhood;
  beforeAll(async () => {
    all = await Neighbourhood.create(webSocket);
  });
  afterAll(() => all.close());

  const attack = async (
    name: string,
    credential: Credential | undefined,
    { bytes, mangling, admitted = [] }: { bytes: Buffer; mangling: Mangling; admitted?: string[] },
  ): Promise<readonly string[]> => {
    const answers = await all.attack(await all.open(name, credential), bytes, mangling);
    return all.check(answers, ...admitted);
  };

  const toDps = (registrationId: string, options: Partial<IConnectPacket> = {}): Buffer =>
    Buffer.concat([connect(dpsConnect(all.world.azure.dps.idScope, registrationId, options)), dpsTalk(registrationId)]);

  test('what it sends rightly is taken, or nothing of the following would say anything', async () => {
    const mangling: Mangling = { changes: [], pieces: [7], ending: 'end' };
    const toHub = Buffer.concat([connect(hubConnect(ATTACKER)), hubTalk(ATTACKER)]);
    const hub = await attack(HUB, all.attacker, { bytes: toHub, mangling, admitted: [ATTACKER] });
    expect(hub).toEqual([ATTACKER]);
    expect(all.world.hub.device(ATTACKER).twin.reported).toEqual({ a: { b: 1 } });
    const admitted = [`dps:${ATTACKER}`, `registered:${ATTACKER}`];
    expect(await attack(DPS, all.attacker, { bytes: toDps(ATTACKER), mangling, admitted })).toEqual(admitted);
  });

  describe('to the hub', () => {
    const asNeighbour = Buffer.concat([connect(hubConnect(NEIGHBOUR)), hubTalk(NEIGHBOUR)]);

    test(
      'without a certificate nobody gets in',
      async () => {
        await always(manglings(), (mangling) => attack(HUB, undefined, { bytes: asNeighbour, mangling }));
      },
      TIMEOUT,
    );

    test(
      'with a certificate of another CA nobody gets in',
      async () => {
        await always(manglings(), (mangling) => attack(HUB, all.forged, { bytes: asNeighbour, mangling }));
      },
      TIMEOUT,
    );

    test(
      'with a token of another key nobody gets in',
      async () => {
        const { devices } = all.world.hub;
        if (!devices.has('keyed')) devices.create({ deviceId: 'keyed', authentication: { type: 'sas' } });
        const password = Buffer.from(sasToken(WRONG_KEY, `${HUB}/devices/keyed`, all.world.clock.now() + 3_600_000));
        const bytes = Buffer.concat([connect(hubConnect('keyed', { password })), hubTalk('keyed')]);
        await always(manglings(), (mangling) => attack(HUB, undefined, { bytes, mangling }));
      },
      TIMEOUT,
    );

    test(
      'with its own certificate a device gets in as itself only',
      async () => {
        await always(manglings(), (mangling) =>
          attack(HUB, all.attacker, { bytes: asNeighbour, mangling, admitted: [ATTACKER] }),
        );
      },
      TIMEOUT,
    );

    test(
      'a device that is let in harms itself at most',
      async () => {
        const head = connect(hubConnect(ATTACKER));
        const talk = fc.constantFrom(hubTalk(ATTACKER), hubTalk(NEIGHBOUR), ...ATTEMPTS);
        await always(fc.tuple(talk, manglings(), manglings()), ([said, first, mangling]) => {
          // The CONNECT is whole, so that what comes after it is heard.
          const bytes = Buffer.concat([head, changed(said, first.changes)]);
          return attack(HUB, all.attacker, { bytes, mangling: { ...mangling, changes: [] }, admitted: [ATTACKER] });
        });
      },
      TIMEOUT,
    );
  });

  describe('to DPS', () => {
    test(
      'without a certificate nobody gets in',
      async () => {
        const bytes = toDps(NEIGHBOUR);
        await always(manglings(), (mangling) => attack(DPS, undefined, { bytes, mangling }));
      },
      TIMEOUT,
    );

    // Whether an enrollment lets it in is only looked at when it registers.
    const admitted = [`dps:${NEIGHBOUR}`];

    test(
      'with a certificate of another CA nobody is registered',
      async () => {
        const bytes = toDps(NEIGHBOUR);
        await always(manglings(), (mangling) => attack(DPS, all.forged, { bytes, mangling, admitted }));
      },
      TIMEOUT,
    );

    test(
      'with a token of another key nobody is registered',
      async () => {
        const { clock, azure } = all.world;
        const resource = `${azure.dps.idScope}/registrations/${NEIGHBOUR}`;
        const token = sasToken(WRONG_KEY, resource, clock.now() + 3_600_000, { keyName: 'registration' });
        const bytes = toDps(NEIGHBOUR, { password: Buffer.from(token) });
        await always(manglings(), (mangling) => attack(DPS, undefined, { bytes, mangling, admitted }));
      },
      TIMEOUT,
    );

    test(
      'a device that is let in registers itself at most',
      async () => {
        const own = [`dps:${ATTACKER}`, `registered:${ATTACKER}`];
        const bytes = fc.constantFrom(toDps(ATTACKER), Buffer.concat([toDps(ATTACKER), dpsTalk(NEIGHBOUR)]));
        await always(fc.tuple(bytes, manglings()), ([text, mangling]) =>
          attack(DPS, all.attacker, { bytes: text, mangling, admitted: own }),
        );
      },
      TIMEOUT,
    );
  });
});
