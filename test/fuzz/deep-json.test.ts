// JSON that is nested as deep as there is room for it: it is answered or refused, and the service goes on.
import { toEventGridEvent, type Telemetry } from '../../src/emulator/index.js';
import { ask } from '../emulator/https.js';
import { atDps, put } from '../emulator/dps-device.js';
import { DPS, HUB, World } from '../emulator/support.js';

const arrays = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth);
const objects = (depth: number): string => '{"a":'.repeat(depth) + '1' + '}'.repeat(depth);
/** Of a message of 256 KB. */
const DEEP = [arrays(100_000), objects(40_000), '['.repeat(200_000), '{"a":'.repeat(40_000)];

let world: World;
beforeEach(async () => {
  world = await World.create();
});
afterEach(() => world.close());

test.each(DEEP.map((json) => [json.slice(0, 8), json.length, json]))('hub: %s…, %d bytes', async (_, __, json) => {
  const client = await world.online(await world.device('device-1'));
  for (const filter of ['$iothub/twin/res/#', '$iothub/methods/POST/#']) await client.subscribe(filter, 0);
  client.publish('$iothub/twin/PATCH/properties/reported/?$rid=1', json);
  expect((await client.next('publish')).topic).toBe('$iothub/twin/res/400/?$rid=1');
  const called = world.hub.device('device-1').invokeMethod('deep');
  const rid = /rid=(.*)$/.exec((await client.next('publish')).topic)?.[1];
  client.publish(`$iothub/methods/res/200/?$rid=${rid}`, json);
  await world.run(called.catch(() => undefined));
  client.publish('devices/device-1/messages/events/$.ct=application%2Fjson&$.ce=utf-8', json, 1);
  await client.next('puback');
  const [telemetry] = world.hub.device('device-1').receivedTelemetry();
  expect(telemetry?.body.toString()).toBe(json);
  expect(toEventGridEvent(telemetry as Telemetry, { hub: world.hub })).toBeDefined();
  expect(world.hub.device('device-1').twin.reported).toEqual({});
});

test.each(DEEP.map((json) => [json.slice(0, 8), json.length, json]))(
  'DPS and files: %s…, %d bytes',
  async (_, __, json) => {
    await world.enroll();
    const credential = await world.ca.issue({ commonName: 'device-1' });
    const client = await atDps(world, credential);
    client.publish('$dps/registrations/PUT/iotdps-register/?$rid=1', `{"registrationId":"device-1","payload":${json}}`);
    expect((await client.next('publish')).topic).toMatch(/^\$dps\/registrations\/res\/(202|400)\//);
    expect((await put(client, 'device-1')).topic).toMatch(/res\/202\//);
    const path = `/${world.azure.dps.idScope}/registrations/device-1/register?api-version=2021-06-01`;
    const reply = await ask(world, { host: DPS, method: 'PUT', path, body: json, credential });
    expect(reply.status).toBeGreaterThanOrEqual(400);
    const files = '/devices/device-1/files?api-version=2021-04-12';
    const upload = await ask(world, { host: HUB, method: 'POST', path: files, body: json, credential });
    expect(upload.status).toBeGreaterThanOrEqual(400);
  },
);
