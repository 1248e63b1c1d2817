import { HUB, hubConnect, World, type RawClient } from '../emulator/support.js';
import { attacks, memoryInUse } from './attack-table.js';

const MIB = 1024 * 1024;
const REQUESTS = 10_000;

let world: World;
beforeEach(async () => {
  world = await World.create();
});
afterEach(() => world.close());

/** Connected and subscribed to its twin, which has 28 KB. */
async function withTwin(deviceId: string): Promise<RawClient> {
  const credential = await world.device(deviceId);
  const patch = Object.fromEntries(Array.from('abcdefg', (key) => [key, 'x'.repeat(4000)]));
  world.hub.device(deviceId).updateDesired(patch);
  const client = await world.open(HUB, credential);
  await client.connect(hubConnect(deviceId));
  await client.subscribe('$iothub/twin/res/#');
  return client;
}

/** Asks so many times in one write. */
function ask(client: RawClient, times: number): void {
  client.send(
    ...Array.from({ length: times }, (_, i) => ({
      cmd: 'publish' as const,
      topic: `$iothub/twin/GET/?$rid=${i}`,
      payload: '',
      qos: 0 as const,
      dup: false,
      retain: false,
    })),
  );
}

/** Lets all happen that needs no time. */
async function settle(): Promise<void> {
  for (let i = 0; i < 1000; i++) await new Promise((resolve) => setImmediate(resolve));
}

let number = 0;

async function neverRead(webSocket: boolean): Promise<void> {
  world.webSocket = webSocket;
  const client = await withTwin(`mute-${++number}`);
  const other = await withTwin(`other-${number}`);
  const before = memoryInUse();
  client.socket.pause();
  ask(client, REQUESTS);
  await settle();
  expect(memoryInUse() - before).toBeLessThan(8 * MIB);
  ask(other, 1);
  expect((await other.next('publish')).payload.length).toBeGreaterThan(28_000);
  client.socket.destroy();
  other.socket.destroy();
  await world.run(world.hub.device(`mute-${number}`).disconnected());
}

async function read(): Promise<void> {
  const client = await withTwin(`honest-${++number}`);
  ask(client, 100);
  for (let i = 0; i < 100; i++) await client.next('publish');
  client.socket.destroy();
}

attacks('A client that does not read', [
  {
    name: `asks ${REQUESTS} times for its twin`,
    honest: read,
    attack: () => neverRead(false),
    times: 20,
    bytes: 8 * MIB,
  },
  {
    name: `asks ${REQUESTS} times for its twin, by WebSocket`,
    honest: read,
    attack: () => neverRead(true),
    times: 20,
    bytes: 8 * MIB,
  },
  {
    name: 'is told of desired properties without end',
    honest: read,
    attack: async () => {
      const deviceId = `deaf-${++number}`;
      const client = await withTwin(deviceId);
      await client.subscribe('$iothub/twin/PATCH/properties/desired/#');
      client.socket.pause();
      const device = world.hub.device(deviceId);
      for (let i = 0; i < 5000 && device.isConnected; i++) device.updateDesired({ text: String(i).padEnd(4000, 'x') });
      expect(device.isConnected).toBe(false);
      expect(world.hub.events().at(-1)).toMatchObject({ reason: expect.stringMatching('does not read') });
    },
    times: 50,
    bytes: 64 * MIB,
  },
]);
