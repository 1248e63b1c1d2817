import type { IConnectPacket, IPublishPacket } from 'mqtt-packet';

import type { Peer } from '../../contract/peer.js';
import type { ConnectRequest, IncomingMessage } from '../../contract/mqtt-service.js';

/** A CONNECT, as services see it. */
export function requestOf(packet: IConnectPacket, peer: Peer): ConnectRequest {
  return {
    clientId: packet.clientId,
    username: packet.username ?? '',
    password: packet.password ?? Buffer.alloc(0),
    cleanSession: packet.clean ?? false,
    keepAlive: packet.keepalive ?? 0,
    will: packet.will && willOf(packet.will),
    peer,
  };
}

/** A PUBLISH, as services see it. */
export function messageOf(packet: IPublishPacket): IncomingMessage {
  return {
    topic: packet.topic,
    payload: Buffer.from(packet.payload),
    qos: packet.qos,
    retain: packet.retain,
    duplicate: packet.dup,
    packetId: packet.messageId,
  };
}

function willOf(will: NonNullable<IConnectPacket['will']>): IncomingMessage {
  return {
    topic: will.topic,
    payload: Buffer.from(will.payload),
    qos: will.qos ?? 0,
    retain: will.retain ?? false,
    duplicate: false,
  };
}
