import { generate, type Packet } from 'mqtt-packet';

/** A packet's bytes. */
export function encoded(packet: Packet): Buffer {
  return packet.cmd === 'puback' ? puback(packet.messageId as number) : generate(packet);
}

/** Encodes a PUBACK without mqtt-packet, whose encoder took more time than the rest of the answer: there is one for each message. */
function puback(messageId: number): Buffer {
  const bytes = Buffer.allocUnsafe(4);
  bytes[0] = 0x40;
  bytes[1] = 2;
  bytes[2] = messageId >> 8;
  bytes[3] = messageId & 0xff;
  return bytes;
}
