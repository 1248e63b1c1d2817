// SUBSCRIBE and UNSUBSCRIBE with more filters than any client has, by TCP.
import { once } from 'node:events';
import { connect } from 'node:tls';

import { generate, type Packet } from 'mqtt-packet';

import { CertificateAuthority } from '../../../src/certificates/index.js';
import { LocalAzure } from '../../../src/emulator/index.js';
import { HUB, hubConnect } from '../support.js';

const COUNT = 100_000;

function packetOf(cmd: 'subscribe' | 'unsubscribe', filter: string): Packet {
  const filters = Array<string>(COUNT).fill(filter);
  return cmd === 'subscribe'
    ? { cmd, messageId: 1, subscriptions: filters.map((topic) => ({ topic, qos: 0 as const })) }
    : { cmd, messageId: 1, unsubscriptions: filters };
}

const TOO_MANY = '100000 filters in one packet, of 10';
// Known by its first bytes, while the client still sends.
const TOO_LONG = 'malformed packet: it is longer than 524288 bytes';

test.each([
  ['subscribe', '#', TOO_MANY],
  ['unsubscribe', '#', TOO_MANY],
  ['subscribe', 'devices/device-1/messages/devicebound/#', TOO_LONG],
] as const)('a %s of 100,000 filters %s ends the connection at once', async (cmd, filter, reason) => {
  const azure = await LocalAzure.start();
  const authority = await CertificateAuthority.create({ subject: { commonName: 'Root' } });
  const { chain, leaf, privateKey } = await authority.issue({ commonName: 'device-1' });
  const thumbprints = { primary: leaf.fingerprint };
  azure.hub().devices.create({ deviceId: 'device-1', authentication: { type: 'selfSigned', thumbprints } });
  const socket = connect({
    ...(await azure.listen()),
    servername: HUB,
    ca: azure.trustRoots,
    cert: chain,
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }),
  });
  try {
    socket.on('error', () => undefined);
    const connect: Packet = { cmd: 'connect', protocolId: 'MQTT', protocolVersion: 4, clean: true, clientId: '' };
    socket.write(generate({ ...connect, ...hubConnect('device-1') } as Packet));
    await once(socket, 'data');
    // Not `once`, which rejects where the client's writing fails: that is how it may learn of it.
    const closed = new Promise((resolve) => socket.resume().on('close', resolve));
    const bytes = generate(packetOf(cmd, filter));
    const begin = performance.now();
    socket.write(bytes);
    await closed;
    expect(performance.now() - begin).toBeLessThan(2000);
    expect(azure.hub().events().at(-1)).toMatchObject({ reason });
  } finally {
    socket.destroy();
    await azure.close();
  }
});
