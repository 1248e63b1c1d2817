import type { EventPartition } from '../../hub/event-hub.js';

const SELECTOR = 'apache.org:selector-filter:string';
const EXPRESSION =
  /^amqp\.annotation\.x-opt-(offset|sequence-number|enqueued-time|enqueuedtimeutc) ?(>=?) ?'([^']*)'$/i;
const LATEST = '@latest';

/**
 * The sequence number from which a receiver begins, by its filter (protocol.md#service-events); undefined where the filter can't be
 * read. Without one it is the oldest event.
 */
export function startOf(partition: EventPartition, filters: Readonly<Record<string, unknown>>): number | undefined {
  const filter = filters[SELECTOR];
  if (filter === undefined || filter === null) return 0;
  const [, field = '', operator = '', value = ''] = EXPRESSION.exec(String(filter).trim()) ?? [];
  if (field === '') return undefined;
  if (value === LATEST) return partition.next;
  if (!/^-?\d+$/.test(value)) return undefined;
  // Offsets are sequence numbers here.
  const first = Number(value) + (operator === '>' ? 1 : 0);
  return /^enq/i.test(field) ? firstSince(partition, first) : Math.max(0, first);
}

function firstSince(partition: EventPartition, time: number): number {
  let event = partition.from(0);
  while (event !== undefined && event.telemetry.enqueuedTime < time) event = partition.from(event.sequenceNumber + 1);
  return event?.sequenceNumber ?? partition.next;
}
