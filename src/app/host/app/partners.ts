import type { Unseen } from '../../../waiting/index.js';
import { contentBytes } from '../../../content.js';
import type { Clock } from '../../../clock/index.js';
import { HostError, type Memory } from '../../../wasm/index.js';
import type { AppManifest } from '../../manifest.js';

/**
 * Plays an application of a real-time core: gets each message of the app, and may answer, at once or later.
 * @param send Sends a message to the app.
 */
export type RealTimeApp = (message: Buffer, send: (message: string | Uint8Array) => void) => void;

export interface PartnersOptions {
  readonly clock: Clock;
  readonly memory: Memory;
  readonly manifest: AppManifest;
  /** By component id. */
  readonly apps: Readonly<Record<string, RealTimeApp>>;
  readonly unseen: Unseen;
  readonly refuse: (what: string) => void;
  /** Something came for the app. */
  readonly wake: () => void;
}

interface Connection {
  readonly app: RealTimeApp;
  readonly inbox: Buffer[];
}

/** The applications of the real-time cores (host.h). */
export class Partners {
  readonly #options: PartnersOptions;
  readonly #apps: ReadonlyMap<string, RealTimeApp>;
  readonly #connections = new Map<number, Connection>();
  #next = 0;

  constructor(options: PartnersOptions) {
    this.#options = options;
    this.#apps = new Map(Object.entries(options.apps).map(([id, app]) => [id.toLowerCase(), app]));
  }

  /** The imports of host.h. */
  imports() {
    const { memory } = this.#options;
    return {
      partner_connect: (id: number): number => this.#connect((memory.textAt(id) ?? '').toLowerCase()),
      partner_close: (number: number): void => void this.#connections.delete(number),
      partner_send: (number: number, bytes: number, size: number): number => {
        const connection = this.#connections.get(number);
        if (connection === undefined) return HostError.io;
        const message = Buffer.from(memory.copyAt(bytes, size));
        this.#later(() => connection.app(message, (answer) => this.#deliver(connection, answer)));
        return size;
      },
      partner_receive: (number: number, buffer: number, size: number): number => {
        const message = this.#connections.get(number)?.inbox.shift();
        if (message === undefined) return -1;
        const part = message.subarray(0, size >>> 0);
        memory.bytes.set(part, buffer);
        return part.length;
      },
      partner_waiting: (number: number): number => this.#connections.get(number)?.inbox.length ?? 0,
    };
  }

  #connect(id: string): number {
    const { manifest, refuse } = this.#options;
    if (!manifest.allowedApplicationConnections.includes(id)) {
      refuse(`The manifest's capability AllowedApplicationConnections does not list ${id}: it fails with EACCES.`);
      return HostError.access;
    }
    const app = this.#apps.get(id);
    if (app === undefined) {
      refuse(`No real-time application ${id} was given to launch: connecting to it fails with ENOENT.`);
      return HostError.noEntry;
    }
    this.#connections.set(this.#next, { app, inbox: [] });
    return this.#next++;
  }

  /** The partner runs beside the app, not inside its call; the clock waits for it. */
  #later(run: () => void): void {
    const release = this.#options.clock.hold('a message to a real-time application');
    setImmediate(() => {
      this.#options.unseen.tell('a real-time application', run);
      release();
    });
  }

  #deliver(connection: Connection, message: string | Uint8Array): void {
    connection.inbox.push(contentBytes(message, 'a message to the app'));
    this.#options.wake();
  }
}
