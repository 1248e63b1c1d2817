import { FIRST_CONTROL_OPCODE, frameStart, MAX_HEAD_BYTES, payloadLength, ReceivedBytes } from '../transport/index.js';

/** Bytes of a frame that is waited for: no service sends a longer one. */
const MAX_FRAME_BYTES = 512 * 1024;

/** Reads the payloads out of one direction of a WebSocket connection: an HTTP head, then frames (RFC 6455, 5.2). */
export class WebSocketUnwrapper {
  readonly #received = new ReceivedBytes();
  #headRead = false;

  /**
   * The payloads of the data frames that are complete by now.
   * @throws Error where the head or a frame is longer than any service's.
   */
  unwrap(bytes: Uint8Array): Buffer[] {
    this.#received.add(Buffer.from(bytes));
    if (!this.#headRead && !this.#skipHead()) return [];
    const payloads: Buffer[] = [];
    for (let payload = this.#next(); payload !== undefined; payload = this.#next())
      if (payload.length > 0) payloads.push(payload);
    return payloads;
  }

  #skipHead(): boolean {
    const end = this.#received.view.indexOf('\r\n\r\n');
    if (end < 0 && this.#received.length > MAX_HEAD_BYTES) throw new Error('the HTTP head is too long');
    if (end < 0) return false;
    this.#received.take(end + 4);
    this.#headRead = true;
    return true;
  }

  /** The payload of the next frame, empty for control frames; undefined if it is not complete. */
  #next(): Buffer | undefined {
    const rest = this.#received.view;
    if (rest.length < 2) return undefined;
    const frame = frameStart(rest);
    const { size, opcode, isMasked } = frame;
    if (rest.length < size) return undefined;
    const length = payloadLength(rest, frame);
    if (length > MAX_FRAME_BYTES) throw new Error(`a frame has ${length} bytes`);
    if (rest.length < size + length) return undefined;
    const payload = this.#received.take(size + length).subarray(size);
    if (isMasked) for (let i = 0; i < length; i++) payload[i]! ^= rest[size - 4 + (i & 3)] as number;
    return opcode < FIRST_CONTROL_OPCODE ? payload : Buffer.alloc(0);
  }
}
