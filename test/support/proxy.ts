// An HTTP proxy (CONNECT) between a device and its cloud.
import type { Duplex } from 'node:stream';
import type { SdkOptions } from '../../src/sdk/index.js';
import { createDuplexPair, type EndpointResolver } from '../../src/transport/index.js';
import type { Sphere } from './sphere.js';

/** As the option proxy_data takes it. */
export const PROXY = { host_address: 'proxy.contoso.com', port: 3128 };

/** An HTTP proxy in this process: what it was asked, and how it answers. */
export class Proxy {
  readonly requests: string[] = [];
  answer = 'HTTP/1.1 200 Connection established\r\n\r\n';

  /** Leads to the proxy only: nothing can be reached without it. */
  readonly options = (cloud: { resolve: EndpointResolver }): Partial<SdkOptions> => ({
    resolve: (name, port) =>
      name === PROXY.host_address && port === PROXY.port
        ? { kind: 'in-process', accept: (stream) => this.accept(stream, cloud.resolve) }
        : undefined,
  });

  /** A connection to it. */
  accept(stream: Duplex, resolve: EndpointResolver): void {
    stream.on('error', () => undefined);
    let head = '';
    const read = (bytes: Buffer): void => {
      head += bytes.toString('latin1');
      if (!head.includes('\r\n\r\n')) return;
      stream.off('data', read);
      stream.pause();
      this.requests.push(head);
      stream.write(this.answer);
      const [, name, port] = /^CONNECT ([^:]+):(\d+) /.exec(head) ?? [];
      const endpoint = resolve(name as string, Number(port));
      if (!this.answer.includes(' 200 ') || endpoint?.kind !== 'in-process') return void stream.end();
      const [ours, theirs] = createDuplexPair(this.clock());
      ours.on('error', () => undefined);
      endpoint.accept(theirs);
      stream.pipe(ours).pipe(stream);
      stream.resume();
    };
    stream.on('data', read);
  }

  clock = (): Sphere['clock'] => {
    throw new Error('not started');
  };
}
