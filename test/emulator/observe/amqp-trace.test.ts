import rhea from 'rhea';

import { formatTraceEntry, type TraceEntry } from '../../../src/emulator/index.js';
import { amqpClient, AMQPS, tokenOf } from '../amqp-client.js';
import { HUB, World } from '../support.js';

let world: World;
let entries: TraceEntry[];
beforeEach(async () => {
  world = await World.create();
  entries = [];
  world.azure.trace((entry) => entries.push(entry));
});
afterEach(() => world.close());

const lines = (): string[] => entries.map((entry) => formatTraceEntry(entry).replace(/^\S+ #\d+ \S+ /, ''));

test('frames are told in both directions, a message with where it goes and its body, a token not at all', async () => {
  const client = await amqpClient(world);
  const token = tokenOf(world);
  expect(await client.putToken(HUB, token)).toEqual([200, 'OK']);
  await world.device('d');
  const sender = await client.sender('/messages/devicebound');
  const body = rhea.message.data_section(Buffer.from('hello'));
  expect(await sender.send({ to: '/devices/d/messages/devicebound', body })).toBe('accepted');
  await expect(client.sender('/nowhere')).rejects.toBeDefined();
  await client.close();
  const told = lines();
  expect(told).toEqual(
    expect.arrayContaining([
      'in AMQP header',
      'out AMQP header',
      expect.stringMatching(/^in AMQP open channel=0 containerId=\S+ hostname=contoso\.azure-devices\.net/),
      expect.stringMatching(/^out AMQP open channel=0 containerId=sphere-iot/),
      expect.stringMatching(/^in AMQP begin /),
      expect.stringMatching(/^in AMQP attach .* role=sender .*target=\$cbs$/),
      expect.stringMatching(/^in AMQP transfer .* to=\$cbs \d+ bytes: SharedAccessSignature sr=.*/),
      expect.stringMatching(/^in AMQP transfer .* to=\/devices\/d\/messages\/devicebound 5 bytes: hello$/),
      expect.stringMatching(/^out AMQP disposition .* state=accepted$/),
      expect.stringMatching(/^out AMQP detach .* error=amqp:not-found: /),
    ]),
  );
  const signature = /sig=([^&]+)/.exec(token)?.[1] ?? '';
  expect(signature.length).toBeGreaterThan(40);
  expect(JSON.stringify(entries)).not.toContain(signature);
  expect(JSON.stringify(entries)).not.toContain(
    Buffer.from(decodeURIComponent(signature)).toString('base64').slice(4, 40),
  );
});

test('of SASL the mechanism is told, and no password', async () => {
  const token = tokenOf(world);
  await amqpClient(world, { username: `iothubowner@sas.root.contoso`, password: token });
  expect(lines()).toEqual(
    expect.arrayContaining([
      'in AMQP sasl-header',
      expect.stringMatching(/^out AMQP sasl-mechanisms .*mechanisms=.*PLAIN/),
      'in AMQP sasl-init channel=0 mechanism=PLAIN',
      'out AMQP sasl-outcome channel=0 code=0',
    ]),
  );
  expect(JSON.stringify(entries)).not.toContain(/sig=([^&]+)/.exec(token)?.[1]);
});

test('a message in several frames is told in its parts', async () => {
  const client = await amqpClient(world, { max_frame_size: 512 });
  await client.putToken(HUB, tokenOf(world));
  await world.device('d');
  world.hub.device('d').sendC2D('x', { ack: 'full', messageId: 'm'.repeat(900) });
  world.hub.device('d').purge();
  const receiver = await client.receiver('/messages/serviceBound/feedback', { credit: 1 });
  await client.next(receiver);
  expect(lines().filter((line) => /^out AMQP transfer .*more=true .*bytes/.test(line)).length).toBeGreaterThan(0);
});

test('what is malformed is refused, and told as a connection that ended', async () => {
  const socket = await world.secure(HUB, AMQPS);
  socket.on('error', () => undefined);
  socket.write(Buffer.from('414d515000010000', 'hex'));
  socket.write(Buffer.from('0000000c0200000000ffffff', 'hex'));
  await world.clock.advance(1000);
  expect(lines().at(-1)).toMatch(/^closed by service: The frame has a performative/);
});
