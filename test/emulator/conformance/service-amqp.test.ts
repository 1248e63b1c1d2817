import rhea from 'rhea';

import { AMQPS, AmqpClient, amqpClient, backEnd, detached, tokenOf } from '../amqp-client.js';
import { HUB, sasToken, type World } from '../support.js';
import { conformance, type Rule } from './rules.js';

const EVENTS = 'iothub-ns-contoso.servicebus.windows.net';
const CAPTURED = 'captured: azure-iothub 1.16, azure-iot-hub 2.7 (PyPI), iot-service-client 2.1 (Maven)';
const CAPTURED_EVENTS = 'captured: @azure/event-hubs 6.0, azure-eventhub 5.15 (PyPI)';
const ERRORS = 'azure-iothub, common-amqp/amqp_common_errors';
const SENT = { to: '/devices/d/messages/devicebound', body: rhea.message.data_section(Buffer.from('x')) as unknown };

/** A message to a device is rejected so, the link stays. */
const rejected = (
  rule: string,
  message: object,
  condition: string,
  before = (_world: World): void => undefined,
): Rule => ({
  rule: `service-amqp.rejected-${rule}`,
  says: `a message is rejected with ${condition}`,
  source: ERRORS,
  check: async (world) => {
    world.hub.devices.create({ deviceId: 'd', authentication: { type: 'sas' } });
    before(world);
    const client = await backEnd(world);
    const { send, link } = await client.sender('/messages/devicebound');
    expect(await send({ ...SENT, ...message })).toMatchObject({ condition });
    expect(link.is_open()).toBe(true);
    await client.close();
  },
});

/** A token is answered so. */
const token = (rule: string, of: (world: World) => [string, string], status: number): Rule => ({
  rule: `service-amqp.token-${rule}`,
  says: `a token is answered with ${status}`,
  source: CAPTURED,
  check: async (world) => {
    const client = await amqpClient(world);
    expect((await client.putToken(...of(world)))[0]).toBe(status);
    await client.close();
  },
});

/** A receiver is refused so. */
const refused = (rule: string, address: string, condition: string, source: string, options: object = {}): Rule => ({
  rule: `service-events.refused-${rule}`,
  says: `a receiver is refused with ${condition}`,
  source,
  check: async (world) => {
    const client = await eventsClient(world);
    await expect(client.receiver(address, options as never)).rejects.toMatchObject({ condition });
    await client.close();
  },
});

const eventsClient = async (world: World): Promise<AmqpClient> => {
  const client = new AmqpClient(world, await world.secure(EVENTS, AMQPS), { hostname: EVENTS });
  await client.open();
  await client.putToken(EVENTS, tokenOf(world, { resource: EVENTS }));
  return client;
};

const fill = ({ hub }: World): void => {
  for (let i = 0; i < 50; i++) hub.device('d').sendC2D('x');
};
const byText = (world: World): string => {
  const { primaryKey } = world.hub.policies.get('service').keys;
  const asText = Buffer.from(primaryKey).toString('base64');
  return sasToken(asText, `sb://${EVENTS}/contoso`, world.clock.now() + 60_000, { keyName: 'service' });
};

conformance(
  'Service side: AMQP',
  [
    rejected('unknown-device', { to: '/devices/nobody/messages/devicebound' }, 'amqp:not-found'),
    rejected('full-queue', {}, 'amqp:resource-limit-exceeded', fill),
    rejected(
      'long',
      { body: rhea.message.data_section(Buffer.alloc(65_537)) as unknown },
      'amqp:link:message-size-exceeded',
    ),
    rejected('ack', { application_properties: { 'iothub-ack': 'maybe' } }, 'com.microsoft:argument-error'),
    token('host', (world) => [HUB, tokenOf(world)], 200),
    token('https-host', (world) => [`https://${HUB}`, tokenOf(world)], 200),
    token('events', (world) => [`sb://${EVENTS}/contoso`, byText(world)], 200),
    token('expired', (world) => [HUB, tokenOf(world, { expiresIn: -1000 })], 401),
    token('other-host', (world) => ['fabrikam.azure-devices.net', tokenOf(world)], 401),
    token('device', (world) => [`${HUB}/devices/d`, tokenOf(world)], 401),
    {
      rule: 'service-amqp.no-right',
      says: 'a link without the right is refused with amqp:unauthorized-access',
      source: ERRORS,
      check: async (world) => {
        const client = await backEnd(world, 'registryReadWrite');
        await expect(client.receiver('/messages/serviceBound/feedback')).rejects.toMatchObject({
          condition: 'amqp:unauthorized-access',
        });
        await client.close();
      },
    },
    {
      rule: 'service-amqp.address-case',
      says: 'case in an address does not count, nor do scheme and host',
      source: CAPTURED,
      check: async (world) => {
        const client = await backEnd(world);
        for (const address of ['/messages/servicebound/feedback', `amqps://${HUB}/messages/serviceBound/feedback`])
          await client.receiver(address);
        await client.close();
      },
    },
    {
      rule: 'service-events.management',
      says: '$management tells how many partitions there are',
      source: CAPTURED_EVENTS,
      check: async (world) => {
        const client = await eventsClient(world);
        const { body } = await client.request('$management', {
          application_properties: { operation: 'READ', name: 'contoso', type: 'com.microsoft:eventhub' },
        });
        expect(body).toMatchObject({ name: 'contoso', partition_count: 4, partition_ids: ['0', '1', '2', '3'] });
        await client.close();
      },
    },
    {
      rule: 'service-events.epoch',
      says: 'a receiver with a higher epoch ends one with a lower, with amqp:link:stolen',
      source: 'azure-docs, event-hubs-event-processor-host',
      check: async (world) => {
        const client = await eventsClient(world);
        const epoch = (level: number): Record<string, unknown> => ({
          properties: { 'com.microsoft:epoch': rhea.types.wrap_long(level) },
        });
        const address = 'contoso/ConsumerGroups/$Default/Partitions/0';
        const ended = detached(await client.receiver(address, epoch(1)));
        await client.receiver(address, epoch(2));
        expect(await world.run(ended)).toMatchObject({ condition: 'amqp:link:stolen' });
        await client.close();
      },
    },
    refused('group', 'contoso/ConsumerGroups/x/Partitions/0', 'amqp:not-found', 'inferred'),
    refused(
      'partition',
      'contoso/ConsumerGroups/$Default/Partitions/9',
      'com.microsoft:argument-out-of-range',
      'inferred',
    ),
    refused('redirect', 'messages/events', 'amqp:link:redirect', 'amenzhinsky/iothub, iotservice/client.go'),
    refused('epoch', 'contoso/ConsumerGroups/$Default/Partitions/0', 'com.microsoft:argument-error', 'inferred', {
      properties: { 'com.microsoft:epoch': 'x' },
    }),
  ],
  ['HTTPS'],
);
