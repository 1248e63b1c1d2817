import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { World, type RawClient } from '../emulator/support.js';
import { attacks } from './attack-table.js';

let folder: string;
let world: World;
let client: RawClient;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sphere-iot-attack-'));
  world = await World.create({ state: join(folder, 'state'), hub: { telemetryLimit: 10 } });
  client = await world.online(await world.device('a'));
});
afterEach(async () => {
  await world.close();
  rmSync(folder, { recursive: true });
});

async function publish(count: number, bytes: number): Promise<void> {
  for (let number = 0; number < count; number++) client.publish('devices/a/messages/events/', Buffer.alloc(bytes), 1);
  for (let number = 0; number < count; number++) await client.next('puback');
}

attacks('State', [
  {
    name: '200 messages of 200 KB, of which 10 are kept',
    honest: () => publish(200, 200),
    attack: () => publish(200, 200_000),
    times: 100,
    bytes: 16 * 1024 * 1024,
  },
]);
