import rhea from 'rhea';

import type { AmqpOutgoing, AmqpOutcome, AmqpSource } from '../../contract/amqp-service.js';
import type { LockQueue } from '../lock-queue.js';

/** Sends what waits in a queue: accepted and rejected is done, everything else is given back. */
export function lockedSource<T>(
  link: AmqpOutgoing,
  queue: LockQueue<T>,
  { contentType, bodyOf }: { readonly contentType: string; bodyOf(entries: readonly T[]): unknown },
): AmqpSource {
  const sendWaiting = (): void => {
    while (link.hasRoom) {
      const locked = queue.receive();
      if (locked === undefined) return;
      const settled = (outcome: AmqpOutcome): void => {
        if (outcome === 'released') queue.abandon(locked.lockToken);
        else queue.complete(locked.lockToken);
      };
      const message = {
        content_type: contentType,
        creation_time: new Date(locked.enqueuedAt),
        message_annotations: { 'x-opt-enqueued-time': rhea.types.wrap_timestamp(locked.enqueuedAt) },
        body: rhea.message.data_section(Buffer.from(JSON.stringify(bodyOf(locked.entries)))) as unknown,
      };
      link.send(message, settled);
    }
  };
  const stop = queue.onWaiting(() => link.wake());
  return { moved: sendWaiting, closed: stop };
}
