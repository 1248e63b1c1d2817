import { register } from '../emulator/dps-device.js';
import { HUB, World } from '../emulator/support.js';

const HUB2 = 'fabrikam.azure-devices.net';
let world: World;
beforeEach(async () => { world = await World.create({ hubs: [HUB, HUB2] } as never).catch(() => World.create()); await world.enroll(); });
afterEach(() => world.close());

test('operator deletes and creates again with SAS', async () => {
  const cred = await world.ca.issue({ commonName: 'dev-1' });
  await register(world, cred);
  world.hub.devices.delete('dev-1');
  world.hub.devices.create({ deviceId: 'dev-1', authentication: { type: 'sas' } });
  const { body } = await register(world, cred);
  console.log(JSON.stringify(body), world.hub.devices.get('dev-1').authentication.type);
});
test('operator updates to SAS', async () => {
  const cred = await world.ca.issue({ commonName: 'dev-1' });
  await register(world, cred);
  world.hub.devices.update('dev-1', { authentication: { type: 'sas' } });
  const { body } = await register(world, await world.ca.issue({ commonName: 'dev-1' }));
  console.log(JSON.stringify(body), world.hub.devices.get('dev-1').authentication.type);
});
test('operator recreates in hub 1, group moves to hub 2', async () => {
  const cred = await world.ca.issue({ commonName: 'dev-1' });
  const { enrollmentGroups } = world.azure.dps;
  enrollmentGroups.update('group', { hub: HUB });
  await register(world, cred);
  world.azure.hub(HUB).devices.delete('dev-1');
  world.azure.hub(HUB).devices.create({ deviceId: 'dev-1', authentication: { type: 'sas' } });
  world.azure.hub(HUB).device('dev-1').updateDesired({ secret: 'of operator' });
  enrollmentGroups.update('group', { hub: HUB2 });
  const { body } = await register(world, cred);
  console.log(JSON.stringify(body), world.azure.hub(HUB).devices.has('dev-1'), JSON.stringify(world.azure.hub(HUB2).device('dev-1').twin));
});
