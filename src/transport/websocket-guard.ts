import {
  FIRST_CONTROL_OPCODE,
  frameStart,
  MAX_UNMASKED_HEADER,
  payloadLength,
  type FrameStart,
} from './websocket-frame.js';

/** Bytes of the HTTP head that answers an upgrade. */
export const MAX_HEAD_BYTES = 16 * 1024;

/** Bytes of a WebSocket message: the longest MQTT packet that umqtt takes, whose length has three bytes. */
export const MAX_MESSAGE_BYTES = 2 * 1024 * 1024 + 3;

/**
 * Control frames that may wait in the SDK. It takes one each time that bytes come, and keeps what follows: without a limit, a service that
 * sends many at once makes it keep all.
 */
const MAX_WAITING_CONTROLS = 64;
/** Bytes of a control frame (RFC 6455, 5.5). */
const MAX_CONTROL_BYTES = 125;
const CONTINUATION = 0;
const OPCODES: ReadonlySet<number> = new Set([CONTINUATION, 1, 2, 8, 9, 10]);

const HEAD_END = Buffer.from('\r\n\r\n');
/** The status, as the SDK understands it too. */
const STATUS = /^HTTP\/1\.[01] (\d{3})[ \r]/;
const STATUS_BYTES = 13;

/** Where a service leaves what a WebSocket is. */
export interface WebSocketFault {
  /** Bytes before that, of those that were checked last. */
  readonly at: number;
  /** What it sent, in words. */
  readonly what: string;
}

/**
 * Reads along what a service sends on a connection whose WebSocket is framed by the SDK, and finds what must not reach that: its uws_client.c
 * keeps an HTTP head, a frame and a message of any length, and writes over its memory at fragments of no length. It keeps some numbers
 * and the header of one frame, and never looks at the bytes of a payload.
 */
export class WebSocketGuard {
  #reads: 'head' | 'frames' | 'anything' = 'head';
  #headBytes = 0;
  /** How much of the end of a head was read. */
  #headEnd = 0;
  #statusLine = '';
  readonly #header = Buffer.alloc(MAX_UNMASKED_HEADER);
  #headerBytes = 0;
  /** Bytes of the payload that are still to come. */
  #payload = 0;
  /** Bytes of the message whose fragments are under way; undefined: none is. */
  #message: number | undefined;
  #waitingControls = 0;

  /** What of these bytes, which follow those before, must not reach the SDK; undefined: all of them may. After a fault it is of no use. */
  check(bytes: Uint8Array): WebSocketFault | undefined {
    if (this.#waitingControls > 0) this.#waitingControls--;
    for (let at = 0; at < bytes.length && this.#reads !== 'anything';) {
      const skipped = Math.min(this.#payload, bytes.length - at);
      this.#payload -= skipped;
      at += skipped;
      if (skipped > 0) continue;
      const byte = bytes[at] as number;
      const what = this.#reads === 'head' ? this.#readHead(byte) : this.#readHeader(byte);
      if (what !== undefined) return { at, what };
      at++;
    }
    return undefined;
  }

  #readHead(byte: number): string | undefined {
    // The SDK would look for the end of the head before it only.
    if (byte === 0) return 'an HTTP head with a NUL in it';
    if (++this.#headBytes > MAX_HEAD_BYTES) return `an HTTP head of more than ${MAX_HEAD_BYTES} bytes`;
    if (this.#headBytes <= STATUS_BYTES) this.#statusLine += String.fromCharCode(byte);
    this.#headEnd = byte === HEAD_END[this.#headEnd] ? this.#headEnd + 1 : byte === HEAD_END[0] ? 1 : 0;
    if (this.#headEnd < HEAD_END.length) return undefined;
    const status = STATUS.exec(this.#statusLine)?.[1];
    if (status === undefined) return 'an answer that is none of HTTP/1.1';
    // What follows a refusal the SDK does not read.
    this.#reads = status === '101' ? 'frames' : 'anything';
    return undefined;
  }

  #readHeader(byte: number): string | undefined {
    this.#header[this.#headerBytes++] = byte;
    if (this.#headerBytes < 2) return undefined;
    const start = frameStart(this.#header);
    const what = this.#faultOfStart(start);
    if (what !== undefined || this.#headerBytes < start.size) return what;
    this.#headerBytes = 0;
    this.#payload = payloadLength(this.#header, start);
    return start.opcode < FIRST_CONTROL_OPCODE ? this.#readData(start) : this.#readControl();
  }

  #faultOfStart({ reserved, opcode, isMasked, isFinal }: FrameStart): string | undefined {
    if (reserved !== 0) return 'a frame with reserved bits';
    if (!OPCODES.has(opcode)) return `a frame with the opcode ${opcode}`;
    if (isMasked) return 'a masked frame';
    if (opcode >= FIRST_CONTROL_OPCODE) return isFinal ? undefined : 'a control frame in fragments';
    if ((opcode === CONTINUATION) === (this.#message !== undefined)) return undefined;
    return opcode === CONTINUATION ? 'a fragment of no message' : 'a message between the fragments of another';
  }

  #readControl(): string | undefined {
    if (this.#payload > MAX_CONTROL_BYTES) return `a control frame of ${this.#payload} bytes`;
    if (++this.#waitingControls > MAX_WAITING_CONTROLS)
      return `more than ${MAX_WAITING_CONTROLS} control frames at once`;
    return undefined;
  }

  #readData({ isFinal, opcode, lengthBytes }: FrameStart): string | undefined {
    const length = (this.#message ?? 0) + this.#payload;
    const least = { 0: 0, 2: MAX_CONTROL_BYTES + 1, 8: 0x10000 }[lengthBytes];
    if (this.#payload < least) return `a length of ${this.#payload} in ${lengthBytes} bytes`;
    if (length > MAX_MESSAGE_BYTES) return `a message of ${length} bytes`;
    const isWhole = isFinal && opcode !== CONTINUATION;
    if (length === 0 && !isWhole) return 'a fragment of no length';
    this.#message = isFinal ? undefined : length;
    return undefined;
  }
}
