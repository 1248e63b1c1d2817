import { asciiLowerCase } from '../../../ascii.js';
import type { AmqpError, AmqpNode, AmqpOutgoing, AmqpSource } from '../../contract/amqp-service.js';
import type { EventPartition } from '../../hub/event-hub.js';
import type { ServedHub } from '../../hub/hub-back-ends.js';
import { AMQPS_PORT } from '../../service-names.js';
import { parts } from './address.js';
import { eventMessage } from './event-message.js';
import { answerManagement } from './management.js';
import { startOf } from './selector.js';

/** Receivers without an epoch, of a consumer group on a partition (protocol.md#service-events). */
const MAX_RECEIVERS = 5;
const EPOCH = 'com.microsoft:epoch';

interface Receiver {
  readonly link: AmqpOutgoing;
  /** Undefined for one that shares its partition with others. */
  readonly epoch: number | undefined;
}

/** The nodes of a hub's Event Hubs-compatible endpoint. */
export class EventNodes {
  readonly #hub: ServedHub;
  /** By consumer group and partition. */
  readonly #receivers = new Map<string, Set<Receiver>>();

  constructor(hub: ServedHub) {
    this.#hub = hub;
  }

  /** @param path In lower case. Undefined where it is none of the endpoint's. */
  node(path: string): AmqpNode | AmqpError | undefined {
    const { eventHub } = this.#hub;
    const [first, groups, group, partitions, partition, ...rest] = parts(path);
    if (first === 'messages' && groups === 'events') return this.#redirect;
    if (first === '$management')
      return {
        ...{ right: 'ServiceConnect', path: `${eventHub.name}/$management`, answers: true },
        take: (message, answer) => answerManagement(eventHub, message, answer),
      };
    if (first !== eventHub.name || groups !== 'consumergroups' || partitions !== 'partitions') return undefined;
    return this.#partition(path, group ?? '', rest.length === 0 ? (partition ?? '') : rest.join('/'));
  }

  #partition(path: string, group: string, id: string): AmqpNode | AmqpError {
    const { partitions, consumerGroups, name } = this.#hub.eventHub;
    if (!consumerGroups.some((known) => asciiLowerCase(known) === group))
      return {
        condition: 'amqp:not-found',
        description: `The messaging entity '${name}/consumergroups/${group}' could not be found. There are ${consumerGroups.join(', ')}.`,
      };
    const partition = /^\d{1,3}$/.test(id) ? partitions[Number(id)] : undefined;
    if (partition === undefined)
      return {
        condition: 'com.microsoft:argument-out-of-range',
        description: `There is no partition ${id}: it has to be between 0 and ${partitions.length - 1}.`,
      };
    return { path, right: 'ServiceConnect', open: (link) => this.#open(path, partition, link) };
  }

  #open(path: string, partition: EventPartition, link: AmqpOutgoing): AmqpSource | AmqpError {
    const start = startOf(partition, link.filters);
    if (start === undefined)
      return argument('The filter is none of x-opt-offset, x-opt-sequence-number and x-opt-enqueued-time.');
    const epoch = link.properties[EPOCH];
    if (epoch !== undefined && (typeof epoch !== 'number' || epoch < 0))
      return argument(`${EPOCH} is no number from 0 on.`);
    const receiver: Receiver = { link, epoch };
    const error = this.#admit(path, receiver);
    return error ?? this.#source(partition, start, link, () => this.#receivers.get(path)?.delete(receiver));
  }

  /** A receiver with an epoch has its partition alone: a lower one can't come, and goes. */
  #admit(path: string, receiver: Receiver): AmqpError | undefined {
    const others = this.#receivers.get(path) ?? new Set();
    this.#receivers.set(path, others);
    const { epoch = -1 } = receiver;
    const highest = Math.max(-1, ...[...others].map((other) => other.epoch ?? -1));
    if (highest > epoch)
      return stolen(
        `A receiver with the higher epoch ${highest} is there: one with ${receiver.epoch ?? 'none'} can't be.`,
      );
    if (receiver.epoch === undefined && others.size >= MAX_RECEIVERS)
      return {
        condition: 'amqp:resource-limit-exceeded',
        description: `The consumer group has ${MAX_RECEIVERS} receivers of the partition already.`,
      };
    if (receiver.epoch !== undefined)
      for (const { link } of [...others]) link.close(stolen(`A receiver with the higher epoch ${epoch} has come.`));
    others.add(receiver);
    return undefined;
  }

  #source(partition: EventPartition, start: number, link: AmqpOutgoing, gone: () => void): AmqpSource {
    let next = start;
    const { devices } = this.#hub;
    const sendWaiting = (): void => {
      while (link.hasRoom) {
        const event = partition.from(next);
        if (event === undefined) return;
        next = event.sequenceNumber + 1;
        const device = devices.has(event.deviceId) ? devices.get(event.deviceId) : undefined;
        link.send(eventMessage(event, device));
      }
    };
    const stop = partition.onEvent(() => link.wake());
    return {
      moved: sendWaiting,
      closed: () => {
        stop();
        gone();
      },
    };
  }

  /** A client that knows the hub alone is told where its events are. */
  get #redirect(): AmqpError {
    const { host, name } = this.#hub.eventHub;
    return {
      condition: 'amqp:link:redirect',
      description: `Its events are at ${host}.`,
      info: {
        hostname: host,
        'network-host': host,
        port: AMQPS_PORT,
        address: `amqps://${host}:${AMQPS_PORT}/${name}`,
      },
    };
  }
}

function stolen(description: string): AmqpError {
  return { condition: 'amqp:link:stolen', description };
}

function argument(description: string): AmqpError {
  return { condition: 'com.microsoft:argument-error', description };
}
