import type { Packet } from 'mqtt-packet';

import { defined } from '../../../defined.js';
import { counted } from '../../../counted.js';
import { tracedPayload, type TracedPayload } from './payload.js';

/** An MQTT packet as plain data; no password, and in a trace no SAS signature in it. */
export type TracedPacket =
  | {
      readonly cmd: 'connect';
      readonly clientId: string;
      readonly username?: string;
      /** `(password, 137 bytes)`. */
      readonly password?: string;
      readonly cleanSession: boolean;
      /** Seconds. */
      readonly keepAlive: number;
      readonly will?: { readonly topic: string; readonly qos: number; readonly payload: TracedPayload };
    }
  | { readonly cmd: 'connack'; readonly returnCode: number; readonly sessionPresent: boolean }
  | {
      readonly cmd: 'publish';
      readonly topic: string;
      readonly qos: number;
      /** None with QoS 0. */
      readonly packetId?: number;
      readonly duplicate?: true;
      readonly retain?: true;
      readonly payload: TracedPayload;
    }
  | {
      readonly cmd: 'subscribe';
      readonly packetId: number;
      readonly subscriptions: readonly { readonly filter: string; readonly qos: number }[];
    }
  | { readonly cmd: 'suback'; readonly packetId: number; readonly granted: readonly number[] }
  | { readonly cmd: 'unsubscribe'; readonly packetId: number; readonly filters: readonly string[] }
  | {
      readonly cmd:
        'puback' | 'unsuback' | 'pubrec' | 'pubrel' | 'pubcomp' | 'pingreq' | 'pingresp' | 'disconnect' | 'auth';
      readonly packetId?: number;
    };

/** @param limit Bytes of a payload that are shown. */
export function tracedPacket(packet: Packet, limit: number): TracedPacket {
  const packetId = packet.messageId ?? 0;
  switch (packet.cmd) {
    case 'connect':
      return {
        cmd: 'connect',
        clientId: packet.clientId,
        ...defined({ username: packet.username }),
        ...(packet.password === undefined
          ? {}
          : { password: `(password, ${counted(packet.password.length, 'byte')})` }),
        cleanSession: packet.clean ?? false,
        keepAlive: packet.keepalive ?? 0,
        ...defined({ will: packet.will && tracedWill(packet.will, limit) }),
      };
    case 'connack':
      return { cmd: 'connack', returnCode: packet.returnCode ?? 0, sessionPresent: packet.sessionPresent };
    case 'publish':
      return {
        cmd: 'publish',
        topic: packet.topic,
        qos: packet.qos,
        ...(packet.qos === 0 ? {} : { packetId }),
        ...(packet.dup ? { duplicate: true } : {}),
        ...(packet.retain ? { retain: true } : {}),
        payload: tracedPayload(packet.payload, limit),
      };
    case 'subscribe':
      return {
        cmd: 'subscribe',
        packetId,
        subscriptions: packet.subscriptions.map(({ topic, qos }) => ({ filter: topic, qos })),
      };
    case 'suback':
      return { cmd: 'suback', packetId, granted: packet.granted as number[] };
    case 'unsubscribe':
      return { cmd: 'unsubscribe', packetId, filters: packet.unsubscriptions };
    default:
      return { cmd: packet.cmd, ...(packet.messageId === undefined ? {} : { packetId }) };
  }
}

function tracedWill(
  will: { topic: string; payload: Buffer | string; qos?: number },
  limit: number,
): { topic: string; qos: number; payload: TracedPayload } {
  return { topic: will.topic, qos: will.qos ?? 0, payload: tracedPayload(will.payload, limit) };
}
