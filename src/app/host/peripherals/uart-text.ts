import { StringDecoder } from 'node:string_decoder';

/** The text that an app has written to a UART. Each part of it is found once. */
export class UartText {
  readonly #decoder = new StringDecoder('utf8');
  /** What is after the text that was found last. */
  #rest = '';

  add(bytes: Buffer): void {
    this.#rest += this.#decoder.write(bytes);
  }

  /** The first match, which is found no more, with all before it. */
  take(pattern: RegExp): RegExpExecArray | null {
    const match = pattern.exec(this.#rest);
    if (match !== null) this.#rest = this.#rest.slice(match.index + match[0].length);
    return match;
  }
}
