// A consumer of events as it is written for Azure, with @azure/event-hubs. What it saw is printed as one line of JSON.
// stdin: {"connectionString","webSocket","count"}: so many events are there, of one device, and more come.
const { readFileSync } = require('node:fs');

const { EventHubConsumerClient, earliestEventPosition, latestEventPosition } = require('@azure/event-hubs');
const { WebSocket } = require('ws');

const { connectionString, webSocket, count } = JSON.parse(readFileSync(0, 'utf8'));
const options = webSocket ? { webSocketOptions: { webSocket: WebSocket } } : {};
const consumer = (group = '$Default') => new EventHubConsumerClient(group, connectionString, options);

const plain = ({ body, properties, systemProperties, contentType, messageId, sequenceNumber, offset }) => ({
  ...{ body, properties, systemProperties, contentType, messageId, sequenceNumber, offset },
});

/** Subscribes, to a partition or to all, until `enough` of the events. */
function collect(client, enough, { partition, ...where }) {
  return new Promise((resolve, reject) => {
    const events = [];
    const handlers = {
      processEvents: async (received, { partitionId }) => {
        events.push(...received.map((event) => ({ ...plain(event), partitionId })));
        if (events.length < enough) return;
        resolve(events);
        void subscription.close();
      },
      processError: async (error) => reject(error),
    };
    const subscription =
      partition === undefined ? client.subscribe(handlers, where) : client.subscribe(partition, handlers, where);
  });
}

async function main() {
  const client = consumer();
  const properties = await client.getEventHubProperties();
  const partitionIds = await client.getPartitionIds();
  const all = await collect(client, count, { startPosition: earliestEventPosition });
  const { partitionId } = all[0];
  const partition = await client.getPartitionProperties(partitionId);
  const own = all.filter((event) => event.partitionId === partitionId);
  const from = { startPosition: { offset: own[0].offset }, partition: partitionId };
  const later = await collect(client, own.length - 1, from);
  const bySequence = {
    startPosition: { sequenceNumber: own[1].sequenceNumber, isInclusive: true },
    partition: partitionId,
  };
  const inclusive = await collect(client, own.length - 1, bySequence);
  const group = consumer('second');
  const second = await collect(group, count, { startPosition: earliestEventPosition });
  const unknown = await collect(consumer('third'), 1, {
    partition: partitionId,
    startPosition: earliestEventPosition,
  }).catch(({ name, code }) => ({ name, code }));
  const latest = await collect(client, 1, { partition: partitionId, startPosition: latestEventPosition });
  const stolen = await takeOver(partitionId);
  await Promise.all([client.close(), group.close()]);
  console.log(
    JSON.stringify({ properties, partitionIds, partition, all, later, inclusive, second, unknown, latest, stolen }),
  );
  process.exit();
}

/** What the receiver with the lower owner level is told when one with a higher comes. */
async function takeOver(partition) {
  const [low, high] = [consumer(), consumer()];
  const where = { partition, startPosition: earliestEventPosition };
  let hasBegun;
  const begun = new Promise((resolve) => (hasBegun = resolve));
  const error = new Promise((resolve) => {
    low.subscribe(
      partition,
      { processEvents: async () => hasBegun(), processError: async ({ name, code }) => resolve({ name, code }) },
      { startPosition: earliestEventPosition, ownerLevel: 1 },
    );
  });
  await begun;
  const events = await collect(high, 1, { ...where, ownerLevel: 2 });
  const refused = await error;
  await Promise.all([low.close(), high.close()]);
  return { refused, events: events.length };
}

main().catch(({ name, message, code, stack }) => {
  console.log(JSON.stringify({ error: { name, message, code, stack } }));
  process.exit(1);
});
