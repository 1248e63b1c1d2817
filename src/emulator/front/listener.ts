import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';

import { DescriptorWatch } from './descriptor-watch.js';

export interface ListenerOptions {
  accept(socket: Socket): void;
  /** The process has no file descriptor for the next connection, and why; undefined: it has one again. */
  accepting(reason: string | undefined): void;
}

/** The TCP ports on which the emulator listens. */
export class Listener {
  readonly #options: ListenerOptions;
  readonly #servers = new Set<Server>();
  #descriptors: DescriptorWatch | undefined;

  constructor(options: ListenerOptions) {
    this.#options = options;
  }

  /** Resolves with the address. @throws What Node throws where the port is taken. */
  async listen(host: string, port: number): Promise<{ host: string; port: number }> {
    const descriptors = (this.#descriptors ??= new DescriptorWatch((reason) => this.#options.accepting(reason)));
    const server = createServer({ noDelay: true }, (socket: Socket) => {
      this.#options.accept(socket);
      descriptors.look();
    });
    this.#servers.add(server);
    await listening(server, host, port).catch((error: unknown) => {
      this.#servers.delete(server);
      throw error;
    });
    const address = server.address() as AddressInfo;
    return { host: address.address, port: address.port };
  }

  /** Resolves once the ports are free, which is when their connections have ended. */
  async close(): Promise<void> {
    const stopped = [...this.#servers].map((server) => new Promise((resolve) => server.close(resolve)));
    this.#servers.clear();
    this.#descriptors?.close();
    await Promise.all(stopped);
  }
}

function listening(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      // A connection that can't be accepted harms nobody else. Where there is no file descriptor left, DescriptorWatch tells.
      server.on('error', () => undefined);
      resolve();
    });
  });
}
