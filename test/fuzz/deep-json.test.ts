// JSON that is nested as deep as there is room for it: it is answered or refused, and the service goes on.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { toEventGridEvent, type Telemetry } from '../../src/emulator/index.js';
import { MAX_JSON_DEPTH, parseJson } from '../../src/json.js';
import { ask } from '../emulator/https.js';
import { atDps, put, register } from '../emulator/dps-device.js';
import { DPS, HUB, World } from '../emulator/support.js';

const arrays = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth);
const objects = (depth: number): string => '{"a":'.repeat(depth) + '1' + '}'.repeat(depth);
const JSON_TYPE = { 'content-type': 'application/json' };
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
    expect((await client.next('publish')).topic).toMatch(/^\$dps\/registrations\/res\/400\//);
    expect((await put(client, 'device-1')).topic).toMatch(/res\/202\//);
    const path = `/${world.azure.dps.idScope}/registrations/device-1/register?api-version=2021-06-01`;
    const reply = await ask(world, { host: DPS, method: 'PUT', path, body: json, headers: JSON_TYPE, credential });
    expect(reply.status).toBe(400);
    const files = '/devices/device-1/files?api-version=2021-04-12';
    // As much of it as a hub takes.
    const asking = { host: HUB, method: 'POST', path: files, headers: JSON_TYPE, credential };
    const upload = await ask(world, { ...asking, body: arrays(30_000) });
    expect(upload.status).toBe(400);
    expect((await ask(world, { ...asking, body: json })).status).toBe(413);
  },
);

// The body of the registration is one level of its own.
test.each([
  [MAX_JSON_DEPTH - 1, 202],
  [MAX_JSON_DEPTH, 400],
  [50_000, 400],
])('a registration whose payload is nested %d deep, with kept state and a callback: %d', async (depth, status) => {
  const state = mkdtempSync(join(tmpdir(), 'sphere-iot-deep-'));
  const kept = await World.create({ state, dps: { allocate: async () => ({ hub: HUB }) } });
  try {
    await kept.enroll();
    const credential = await kept.ca.issue({ commonName: 'device-1' });
    const client = await atDps(kept, credential);
    const body = `{"registrationId":"device-1","payload":${arrays(depth)}}`;
    client.publish('$dps/registrations/PUT/iotdps-register/?$rid=1', body);
    expect((await client.next('publish')).topic).toContain(`/res/${status}/`);
    const path = `/${kept.azure.dps.idScope}/registrations/device-1/register?api-version=2021-06-01`;
    const reply = await ask(kept, { host: DPS, method: 'PUT', path, body, headers: JSON_TYPE, credential });
    expect(reply.status).toBe(status);
    const payload = status === 202 ? JSON.parse(arrays(depth)) : undefined;
    if (status === 400) await register(kept, credential);
    else await kept.run(new Promise((resolve) => kept.clock.setTimer(1000, () => resolve(undefined))));
    expect(kept.azure.dps.registration('device-1')).toMatchObject({ status: 'assigned' });
    await kept.close();
    const again = await World.create({ state });
    expect(again.azure.dps.registration('device-1')?.requestPayload).toEqual(payload);
    await again.close();
  } finally {
    await kept.azure.close();
    rmSync(state, { recursive: true });
  }
});

test.each([
  ['no brackets in a string', JSON.stringify('['.repeat(1000)), true],
  ['a quote in a string', JSON.stringify('"'.repeat(9) + '['.repeat(1000)), true],
  ['a backslash at the end of a string', `["\\\\",${arrays(MAX_JSON_DEPTH - 1)}]`, true],
  ['many, one after the other', `[${'[],'.repeat(1000)}[]]`, true],
  ['as deep as may be', objects(MAX_JSON_DEPTH), true],
  ['deeper', objects(MAX_JSON_DEPTH + 1), false],
  ['deeper, behind a string that ends with a backslash', `["\\\\",${arrays(MAX_JSON_DEPTH)}]`, false],
  ['deeper, behind an escaped quote', `["\\"",${arrays(MAX_JSON_DEPTH)}]`, false],
])('the depth of JSON: %s', (_, json, isRead) => {
  expect(parseJson(json)).toEqual(isRead ? JSON.parse(json) : undefined);
  expect(parseJson(Buffer.from(json))).toEqual(isRead ? JSON.parse(json) : undefined);
});

test.each(['{"v":1e400}', '{"v":[-1e400]}', `{"v":{"w":1${'0'.repeat(400)}}}`])(
  'a number that is beyond a double is refused, and not taken for Infinity: %s',
  async (json) => {
    expect(parseJson(json)).toBeUndefined();
    const client = await world.online(await world.device('device-1'));
    await client.subscribe('$iothub/twin/res/#', 0);
    client.publish('$iothub/twin/PATCH/properties/reported/?$rid=1', json);
    expect((await client.next('publish')).topic).toBe('$iothub/twin/res/400/?$rid=1');
    expect(world.hub.device('device-1').twin.reported).toEqual({});
    await world.enroll();
    const credential = await world.ca.issue({ commonName: 'device-2' });
    const body = `{"registrationId":"device-2","payload":${json}}`;
    const registering = await atDps(world, credential);
    registering.publish('$dps/registrations/PUT/iotdps-register/?$rid=1', body);
    expect((await registering.next('publish')).topic).toMatch(/^\$dps\/registrations\/res\/400\//);
    const path = `/${world.azure.dps.idScope}/registrations/device-2/register?api-version=2021-06-01`;
    expect((await ask(world, { host: DPS, method: 'PUT', path, body, headers: JSON_TYPE, credential })).status).toBe(
      400,
    );
    expect(world.azure.dps.registrations.list()).toEqual([]);
  },
);

test('the largest number of a double is one', () => {
  expect(parseJson('{"v":[1.7976931348623157e308,-5e-324,1e-400]}')).toEqual({ v: [Number.MAX_VALUE, -5e-324, 0] });
});

test.each([Infinity, -Infinity, NaN, 1n, () => 1, Symbol('s')])(
  'no JSON has %p: a program that gives it is told',
  async (value) => {
    await world.device('device-1');
    const device = world.hub.device('device-1');
    for (const change of [() => device.updateDesired({ a: { b: [value] } }), () => device.updateTags({ a: value })])
      expect(change).toThrow(
        expect.objectContaining({ code: 'TWIN_PATCH_INVALID', message: expect.stringContaining('is no JSON') }),
      );
    expect(device.twin).toMatchObject({ desired: {}, tags: {} });
  },
);
