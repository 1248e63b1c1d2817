import rhea from 'rhea';

import { statusAnswer, type AmqpError, type AmqpMessage } from '../../contract/amqp-service.js';
import type { EventHub } from '../../hub/event-hub.js';

const HUB = 'com.microsoft:eventhub';
const PARTITION = 'com.microsoft:partition';
/** The type code of short texts, for arrays. */
const TEXT = 0xa1;

/** What `$management` answers: what an event hub is like, and each partition (protocol.md#service-events). */
export function answerManagement(
  eventHub: EventHub,
  message: AmqpMessage,
  answer: (message: AmqpMessage) => void,
): AmqpError | undefined {
  const { operation, type, partition } = (message['application_properties'] ?? {}) as Record<string, unknown>;
  if (operation !== 'READ' || (type !== HUB && type !== PARTITION))
    answer(statusAnswer(message, 400, `It has to be READ, of type ${HUB} or ${PARTITION}.`));
  else {
    const body = type === HUB ? hubBody(eventHub) : partitionBody(eventHub, String(partition));
    answer(
      body === undefined
        ? statusAnswer(message, 404, `There is no partition ${String(partition)}.`)
        : { ...statusAnswer(message, 200, 'OK'), body },
    );
  }
  return undefined;
}

function hubBody({ name, createdAt, partitions }: EventHub): object {
  const { types } = rhea;
  return {
    ...{
      name,
      type: HUB,
      created_at: types.wrap_timestamp(createdAt),
      partition_count: types.wrap_int(partitions.length),
    },
    partition_ids: types.wrap_array(
      partitions.map((_, index) => String(index)),
      TEXT,
      undefined,
    ),
  };
}

function partitionBody({ name, partitions }: EventHub, id: string): object | undefined {
  const { types } = rhea;
  const partition = /^\d{1,3}$/.test(id) ? partitions[Number(id)] : undefined;
  if (partition === undefined) return undefined;
  const { next, last } = partition;
  return {
    ...{ name, type: PARTITION, partition: id },
    begin_sequence_number: types.wrap_long(partition.from(0)?.sequenceNumber ?? next),
    last_enqueued_sequence_number: types.wrap_long(next - 1),
    last_enqueued_offset: String(next - 1),
    last_enqueued_time_utc: types.wrap_timestamp(last?.telemetry.enqueuedTime ?? 0),
    is_partition_empty: last === undefined,
  };
}
