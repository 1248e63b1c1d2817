import { atDps } from '../emulator/dps-device.js';
import { World } from '../emulator/support.js';
import { attacks } from './attack-table.js';

let world: World;
beforeEach(async () => {
  world = await World.create();
  await world.enroll();
});
afterEach(() => world.close());

async function register(body: string, status: number): Promise<void> {
  const client = await atDps(world, await world.ca.issue({ commonName: 'device-1' }));
  client.publish('$dps/registrations/PUT/iotdps-register/?$rid=1', body);
  expect((await client.next('publish')).topic).toMatch(`$dps/registrations/res/${status}/`);
}

attacks('JSON', [
  {
    name: 'a registration whose payload is nested 100,000 deep',
    honest: () => register('{"registrationId":"device-1"}', 202),
    attack: () => register(`{"registrationId":"device-1","payload":${'['.repeat(100_000)}${']'.repeat(100_000)}}`, 400),
    times: 10,
  },
]);
