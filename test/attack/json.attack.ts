// JSON that a device, a service or a file gives: deep, of wrong types, no Unicode.
import { generate } from 'mqtt-packet';

import type { Credential } from '../../src/certificates/index.js';
import { VirtualClock } from '../../src/clock/index.js';
import { MAX_JSON_DEPTH, parseJson } from '../../src/json.js';
import { RefusalObserver } from '../../src/diagnosis/index.js';
import { atDps } from '../emulator/dps-device.js';
import { ask } from '../emulator/https.js';
import { HUB, World, type RawClient } from '../emulator/support.js';
import { attacks } from './attack-table.js';

const DEEP = '['.repeat(100_000) + ']'.repeat(100_000);
const DPS = 'global.azure-devices-provisioning.net';

let world: World;
let device: Credential;
let online: RawClient;
beforeAll(async () => {
  world = await World.create();
  await world.enroll();
  device = await world.device('device-2');
  online = await world.online(await world.device('device-3'));
  for (const filter of ['$iothub/twin/res/#', '$iothub/methods/POST/#']) await online.subscribe(filter);
});
afterAll(() => world.close());

async function register(body: string, status: number): Promise<void> {
  const client = await atDps(world, await world.ca.issue({ commonName: 'device-1' }));
  client.publish('$dps/registrations/PUT/iotdps-register/?$rid=1', body);
  expect((await client.next('publish')).topic).toMatch(`$dps/registrations/res/${status}/`);
}

async function beginUpload(body: string, status: number): Promise<void> {
  const path = '/devices/device-2/files?api-version=2021-04-12';
  const headers = { 'content-type': 'application/json' };
  const reply = await ask(world, { host: HUB, method: 'POST', path, headers, body, credential: device });
  expect(reply.status).toBe(status);
}

async function patchTwin(body: string, status: number): Promise<void> {
  online.publish('$iothub/twin/PATCH/properties/reported/?$rid=1', body);
  expect((await online.next('publish')).topic).toMatch(`$iothub/twin/res/${status}/`);
}

async function answerMethod(body: string): Promise<unknown> {
  const call = world.hub.device('device-3').invokeMethod('m');
  const rid = /rid=(.*)$/.exec((await online.next('publish')).topic)?.[1];
  online.publish(`$iothub/methods/res/200/?$rid=${rid}`, body);
  return world.run(call);
}

/** What the client tells of an answer of DPS. */
function toldOf(payload: string): string[] {
  const told: string[] = [];
  const observer = new RefusalObserver({
    clock: new VirtualClock(),
    name: DPS,
    credential: undefined,
    framed: false,
    registrations: new Map(),
    refused: ({ code }) => void told.push(code),
  });
  observer.sent(generate({ cmd: 'connect', protocolId: 'MQTT', protocolVersion: 4, clientId: 'd', clean: true }));
  const topic = '$dps/registrations/res/401/?$rid=1';
  observer.received(generate({ cmd: 'publish', topic, payload, qos: 0, dup: false, retain: false }));
  return told;
}

attacks('JSON to the emulator', [
  {
    name: 'a registration whose payload is nested 100,000 deep',
    honest: () => register('{"registrationId":"device-1"}', 202),
    attack: () => register(`{"registrationId":"device-1","payload":${DEEP}}`, 400),
    times: 10,
  },
  {
    name: 'a blob name that is no Unicode',
    honest: () => beginUpload('{"blobName":"a"}', 200),
    attack: () => beginUpload('{"blobName":"\\ud800"}', 400),
    times: 10,
  },
  {
    name: 'reported properties that are nested 40,000 deep',
    honest: () => patchTwin('{"a":1}', 204),
    attack: () => patchTwin('{"a":'.repeat(40_000) + '1' + '}'.repeat(40_000), 400),
    times: 10,
  },
  {
    name: 'the answer of a method, nested 60,000 deep',
    honest: async () => expect(await answerMethod('{}')).toEqual({ status: 200, payload: {} }),
    attack: async () => expect(answerMethod('['.repeat(60_000) + ']'.repeat(60_000))).rejects.toBeDefined(),
    times: 10,
  },
]);

attacks('JSON to the client', [
  {
    name: 'an answer of DPS that is nested 100,000 deep',
    honest: () => expect(toldOf('{"errorCode":401002,"message":"No."}')).toEqual(['DPS_REGISTRATION_REFUSED']),
    attack: () => expect(toldOf(`{"errorCode":1,"message":${DEEP}}`)).toEqual([]),
    times: 10,
  },
  {
    name: 'a text of 10 million brackets',
    honest: () => expect(parseJson('[]')).toEqual([]),
    attack: () => expect(parseJson('['.repeat(10_000_000), MAX_JSON_DEPTH)).toBeUndefined(),
    times: 10,
  },
  ...['\\\\', '\\"', '[', '\\\\\\"'].map((part) => ({
    name: `a string of ${part}, a million times`,
    honest: () => expect(parseJson(`"${'x'.repeat(1_000_000)}"`)).toHaveLength(1_000_000),
    attack: () => expect(parseJson(`"${part.repeat(1_000_000)}"`)).toEqual(expect.any(String)),
    times: 30,
  })),
  {
    name: 'a million strings, and one without an end',
    honest: () => expect(parseJson(`[${'1,'.repeat(1_000_000)}1]`)).toHaveLength(1_000_001),
    attack: () => expect(parseJson(`[${'"x",'.repeat(1_000_000)}"${'\\'.repeat(1_000_000)}`)).toBeUndefined(),
    times: 30,
  },
]);
