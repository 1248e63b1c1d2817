import type { Duplex } from 'node:stream';

import { generate, type Packet } from 'mqtt-packet';

/** Collects the packets of one turn of the event loop and sends them as one write, so as one TLS record. */
export class Outbox {
  readonly #stream: Duplex;
  readonly #sent: (packet: Packet) => void;
  #queued: Buffer[] = [];

  /** @param sent Told of each packet when it goes. */
  constructor(stream: Duplex, sent: (packet: Packet) => void) {
    this.#stream = stream;
    this.#sent = sent;
  }

  send(packet: Packet): void {
    this.#sent(packet);
    if (this.#queued.push(generate(packet)) === 1) process.nextTick(() => this.flush());
  }

  flush(): void {
    if (this.#queued.length === 0) return;
    const bytes = this.#queued.length === 1 ? (this.#queued[0] as Buffer) : Buffer.concat(this.#queued);
    this.#queued = [];
    if (this.#stream.writable) this.#stream.write(bytes);
  }
}
