import { asciiLowerCase } from '../../../ascii.js';
import type { AmqpError, AmqpGrant, AmqpNode, AmqpService } from '../../contract/amqp-service.js';
import type { FeedbackRecord } from '../../hub/feedback.js';
import type { ServedHub } from '../../hub/hub-back-ends.js';
import type { AccessPolicies } from '../../identity/access-policies.js';
import { isLocalName } from '../../service-names.js';
import type { LockQueue } from '../lock-queue.js';
import { parseAddress, parseAudience } from './address.js';
import { sendToDevice } from './devicebound.js';
import { EventNodes } from './events.js';
import type { FileNotification } from './file-notification.js';
import { lockedSource } from './locked-source.js';

/** What the nodes of a hub need. */
export interface HubAmqpParts {
  readonly hub: ServedHub;
  readonly policies: AccessPolicies;
  readonly feedback: LockQueue<FeedbackRecord>;
  readonly files: LockQueue<FileNotification>;
}

const FEEDBACK_TYPE = 'application/vnd.microsoft.iothub.feedback.json';
const FILES_TYPE = 'application/json';
const DEVICES =
  "The emulator takes devices by MQTT (port 8883) and MQTT over WebSocket (port 443), not by AMQP: choose that in the device's client.";

/** The AMQP of a hub for back ends (protocol.md#service-amqp). */
export class HubAmqp implements AmqpService {
  readonly #parts: HubAmqpParts;
  readonly #events: EventNodes;

  constructor(parts: HubAmqpParts) {
    this.#parts = parts;
    this.#events = new EventNodes(parts.hub);
  }

  authorize(audience: string, token: string): AmqpGrant | string {
    const { hub, policies } = this.#parts;
    const { host, path } = parseAudience(audience);
    if (/^devices(\/|$)/i.test(path)) return DEVICES;
    if (![hub.name, hub.eventHub.host].includes(host) && !isLocalName(host))
      return `${hub.name} is asked for something of ${host || 'a host without a name'}`;
    const admitted = policies.admit(token, path);
    if (typeof admitted === 'string') return admitted;
    const { policy, expiresAt } = admitted;
    return { path: asciiLowerCase(path), rights: policy.rights, expiresAt };
  }

  node(address: string): AmqpNode | AmqpError {
    const path = asciiLowerCase(parseAddress(address).path);
    return this.#hubNode(path) ?? this.#events.node(path) ?? unknown(this.#parts.hub, address, path);
  }

  #hubNode(path: string): AmqpNode | undefined {
    const { hub, feedback, files } = this.#parts;
    switch (path) {
      case 'messages/devicebound':
        return { ...service(path), take: (message) => sendToDevice(hub, message) };
      case 'messages/servicebound/feedback':
        return {
          ...service(path),
          open: (link) => lockedSource(link, feedback, { contentType: FEEDBACK_TYPE, bodyOf: (records) => records }),
        };
      case 'messages/servicebound/filenotifications':
        return {
          ...service(path),
          open: (link) => lockedSource(link, files, { contentType: FILES_TYPE, bodyOf: ([file]) => file }),
        };
      default:
        return undefined;
    }
  }
}

function service(path: string): Pick<AmqpNode, 'path' | 'right'> {
  return { path, right: 'ServiceConnect' };
}

function unknown(hub: ServedHub, address: string, path: string): AmqpError {
  if (path.startsWith('devices/')) return { condition: 'amqp:not-implemented', description: DEVICES };
  const description = `${hub.name} has nothing at ${address || 'an empty address'}. It has /messages/devicebound, /messages/servicebound/feedback, /messages/servicebound/filenotifications, $management and ${hub.eventHub.name}/ConsumerGroups/{group}/Partitions/{id}; nobody but devices sends events.`;
  return { condition: 'amqp:not-found', description };
}
