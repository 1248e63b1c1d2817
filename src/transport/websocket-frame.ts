/** What the first two bytes of a WebSocket frame say (RFC 6455, 5.2). */
export interface FrameStart {
  /** Whether it is the last of its message, or the only one. */
  readonly isFinal: boolean;
  /** The reserved bits, 0 to 7. */
  readonly reserved: number;
  readonly opcode: number;
  readonly isMasked: boolean;
  /** Bytes that the length has behind the first two: 0, 2 or 8. */
  readonly lengthBytes: 0 | 2 | 8;
  /** Bytes of the whole header, with its mask. */
  readonly size: number;
}

/** Opcodes from here on are those of control frames. */
export const FIRST_CONTROL_OPCODE = 8;

/** Bytes of the longest header without a mask. */
export const MAX_UNMASKED_HEADER = 10;

/** @param header Two bytes of it at least. */
export function frameStart(header: Uint8Array): FrameStart {
  const [first, second] = [header[0] as number, header[1] as number];
  const isMasked = (second & 0x80) !== 0;
  const lengthBytes = { 126: 2 as const, 127: 8 as const }[second & 0x7f] ?? 0;
  return {
    isFinal: (first & 0x80) !== 0,
    reserved: (first >> 4) & 7,
    opcode: first & 0x0f,
    isMasked,
    lengthBytes,
    size: 2 + lengthBytes + (isMasked ? 4 : 0),
  };
}

/** Bytes of the payload, rounded where JavaScript has no number for them. @param header All of it. */
export function payloadLength(header: Buffer, { lengthBytes }: FrameStart): number {
  if (lengthBytes === 0) return (header[1] as number) & 0x7f;
  return lengthBytes === 2 ? header.readUInt16BE(2) : Number(header.readBigUInt64BE(2));
}
