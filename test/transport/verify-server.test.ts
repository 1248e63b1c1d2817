import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { connect, createServer, type TLSSocket } from 'node:tls';

import { VirtualClock } from '../../src/clock/index.js';
import { clientCertificateOf } from '../../src/emulator/identity/client-certificate.js';
import { faultOfServer } from '../../src/transport/verify-server.js';
import { OpensslChains } from '../certificates/openssl-chains.js';

describe('a chain that was sent over TLS', () => {
  let made: OpensslChains;
  beforeEach(() => (made = new OpensslChains()));
  afterEach(() => made.remove());

  /** Both sides show the certificates; Node judges the server by the machine's clock. */
  const shake = async (leaf: string, between: string[], look: (client: TLSSocket, server: TLSSocket) => void) => {
    const shown = { cert: [leaf, ...between].map((name) => made.pem(name)).join(''), key: made.pem(leaf, 'key') };
    const server = createServer({ ...shown, requestCert: true, rejectUnauthorized: false });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const accepted = once(server, 'secureConnection') as Promise<[TLSSocket]>;
    const client = connect({
      port,
      host: '127.0.0.1',
      servername: 'example.com',
      ca: made.pem('root'),
      ...shown,
      rejectUnauthorized: false,
    });
    try {
      await once(client, 'secureConnect');
      look(client, (await accepted)[0]);
    } finally {
      client.destroy();
      (await accepted)[0].destroy();
      server.close();
    }
  };

  test.each<[string, string, string[], RegExp | undefined]>([
    ['good', 'good', [], undefined],
    ['wrong extended key usage', 'purpose', [], /extended key usage/],
    ['a path length that is exceeded', 'deep', ['below', 'zero'], /allows 0 CA certificates/],
    ['a name that is not permitted', 'outside', ['limited'], /name constraints/],
  ])('a server is judged under a virtual clock as Node judges it: %s', async (_, leaf, between, reason) => {
    made.ca('root').ca('zero', { by: 'root', pathLength: 0 }).ca('below', { by: 'zero' });
    made.ca('limited', { by: 'root', constraint: 'permitted;DNS:example.org' });
    const altName = 'DNS:example.com';
    made.leaf('good', { by: 'root', altName }).leaf('purpose', { by: 'root', altName, extended: 'clientAuth' });
    made.leaf('deep', { by: 'below', altName }).leaf('outside', { by: 'limited', altName });
    await shake(leaf, between, (client) => {
      const { authorized } = client;
      const clock = new VirtualClock({ start: Date.now() });
      const fault = faultOfServer(client, { name: 'example.com' }, [made.pem('root')], clock);
      expect(fault === undefined).toBe(authorized);
      if (reason === undefined) expect(fault).toBeUndefined();
      else expect(fault).toMatchObject({ code: 'SERVER_NOT_TRUSTED', message: expect.stringMatching(reason) });
    });
  });

  test('all certificates are there, a second one of the same name too, as often as they are asked for', async () => {
    made.ca('root').ca('ca', { by: 'root', days: 1 }).ca('renewed', { by: 'root', key: 'ca', subject: '/CN=ca' });
    made.leaf('leaf', { by: 'ca', altName: 'DNS:example.com' });
    await shake('leaf', ['ca', 'renewed'], (client, server) => {
      for (let i = 0; i < 2; i++) {
        const intermediates = clientCertificateOf(server)?.intermediates.map(({ serialNumber }) => serialNumber);
        expect(intermediates).toEqual(['ca', 'renewed'].map((name) => made.certificate(name).serialNumber));
        // The first has expired by then.
        const clock = new VirtualClock({ start: Date.now() + 48 * 3_600_000 });
        expect(faultOfServer(client, { name: 'example.com' }, [made.pem('root')], clock)).toBeUndefined();
      }
    });
  });
});
