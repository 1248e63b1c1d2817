import type { Packet } from 'mqtt-packet';

/** The parser puts U+FFFD where bytes are no UTF-8, so a text that has one by right is refused too. */
const ILL_FORMED = /[\u0000\uFFFD]/;

/** What MQTT 3.1.1 forbids in a packet beyond what its parser refuses, in words; undefined where nothing. */
export function packetFault(packet: Packet): string | undefined {
  // MQTT-1.5.3-1 and 1.5.3-2.
  if (textsOf(packet).some((text) => ILL_FORMED.test(text))) return `text in a ${packet.cmd} packet that is no UTF-8`;
  // MQTT-2.3.1-1; the parser says -1 where the packet is too short for one.
  if (packet.messageId !== undefined && packet.messageId < 1)
    return `a ${packet.cmd} packet with the packet id ${packet.messageId}`;
  switch (packet.cmd) {
    case 'publish':
      // MQTT-3.3.2-2. Properties that were not encoded end up here (GH azure-iot-sdk-c#1695).
      return /[+#]/.test(packet.topic) ? `a PUBLISH to ${packet.topic}: + and # have to be encoded` : undefined;
    case 'subscribe':
      return packet.subscriptions.length === 0 ? 'a SUBSCRIBE without filters' : undefined; // MQTT-3.8.3-3
    case 'unsubscribe':
      return packet.unsubscriptions.length === 0 ? 'an UNSUBSCRIBE without filters' : undefined; // MQTT-3.10.3-2
    default:
      return undefined;
  }
}

function textsOf(packet: Packet): readonly string[] {
  switch (packet.cmd) {
    case 'connect':
      return [packet.clientId, packet.username ?? '', packet.will?.topic ?? ''];
    case 'publish':
      return [packet.topic];
    case 'subscribe':
      return packet.subscriptions.map(({ topic }) => topic);
    case 'unsubscribe':
      return packet.unsubscriptions;
    default:
      return [];
  }
}
