import { CertificateAuthority, findPath } from '../../src/certificates/index.js';
import { buildCertificate, generateKeys } from '../../src/certificates/certificate-builder.js';
import { VirtualClock } from '../../src/clock/index.js';
import { X509Certificate, type webcrypto } from 'node:crypto';
import { put, register } from '../emulator/dps-device.js';
import { DPS, dpsConnect, World } from '../emulator/support.js';
import { attacks, type Attack } from './attack-table.js';
import { dsa, ec, forged, rsa, shown, type KeyKind, type Shown } from '../certificates/forged-certificates.js';

const MANY = 50;
const clock = new VirtualClock();
const honest: X509Certificate[] = [];
const crossed: X509Certificate[] = [];

beforeAll(async () => {
  let issuer = await CertificateAuthority.create({ subject: { commonName: 'Root' }, clock });
  for (let i = 0; i < 8; i++) {
    honest.unshift(issuer.certificate);
    issuer = await CertificateAuthority.create({ subject: { commonName: `CA ${i}` }, issuer, clock });
  }
  honest.unshift(issuer.certificate);
  const keys: webcrypto.CryptoKeyPair[] = [];
  for (let i = 0; i < MANY; i++) keys.push(await generateKeys('P-256'));
  for (const [i, subject] of keys.entries())
    for (const [j, by] of keys.entries()) {
      if (i === j || (j - i + MANY) % MANY > 5) continue;
      const der = await buildCertificate({
        subject: { commonName: `CA ${i}` },
        issuer: { commonName: `CA ${j}` },
        publicKey: subject.publicKey,
        issuerKeys: by,
        usage: 'ca',
        subjectAltNames: [],
        notBefore: clock.now() - 1000,
        notAfter: clock.now() + 1_000_000,
      });
      crossed.push(new X509Certificate(der));
    }
});

function look(certificates: readonly X509Certificate[], kind: string | undefined): Promise<void> {
  const [leaf, ...others] = certificates as [X509Certificate];
  const found = findPath(leaf, { anchors: honest.slice(-1), others, now: clock.now() });
  expect('kind' in found ? found.kind : undefined).toBe(kind);
  return Promise.resolve();
}

attacks('Chains', [
  {
    name: `${MANY} CAs that signed each other, of which none is known`,
    honest: () => look(honest, undefined),
    attack: () => look(crossed, 'tooLong'),
    times: 50,
  },
  ...namesakes('P-521', ec('P-521', 64)),
  ...namesakes('an exponent of 64 bits', rsa(4096, Buffer.alloc(8, 0xff))),
  ...namesakes('RSA 16384', rsa(16_384)),
  ...namesakes('RSA-PSS 16384', rsa(16_384, Buffer.of(1, 0, 1), true)),
]);

/** A leaf, and a hundred CAs of which each could be its issuer. */
function namesakes(name: string, kind: KeyKind): readonly Attack[] {
  const all: X509Certificate[] = [];
  const made = (): readonly X509Certificate[] => {
    const spki = ec('P-256', 32).key();
    if (all.length === 0) all.push(new X509Certificate(forged(kind, { subject: 'leaf', issuer: 'CA' }, spki)));
    while (all.length <= 100) all.push(new X509Certificate(forged(kind, { subject: 'CA', issuer: 'Root' })));
    // Read again each time: what is known of one is forgotten with it.
    return all.map(({ raw }) => new X509Certificate(raw));
  };
  const attack = (): void => {
    const [leaf, ...others] = made() as [X509Certificate];
    const found = findPath(leaf, { anchors: [], others, now: clock.now() });
    expect(found).toMatchObject({ kind: expect.stringMatching(/^(tooLong|unknownIssuer)$/) });
  };
  return [{ name: `100 issuers of one name: ${name}`, honest: () => look(honest, undefined), attack, times: 15 }];
}

describe('on the wire', () => {
  let world: World;
  let number = 0;
  beforeAll(async () => {
    world = await World.create();
    await world.enroll();
  });
  afterAll(() => world.close());

  async function honestly(): Promise<void> {
    const { body } = await register(world, await world.ca.issue({ commonName: `device-${++number}` }));
    expect(body.status).toBe('assigned');
  }

  /** Registers three times on one connection. */
  async function refused(tls: Shown): Promise<void> {
    const client = await world.open(DPS, undefined, tls);
    expect(await client.connect(dpsConnect(world.azure.dps.idScope, 'forger'))).toMatchObject({ returnCode: 0 });
    await client.subscribe('$dps/registrations/res/#', 1);
    for (let i = 0; i < 3; i++) expect((await put(client, 'forger')).topic).toMatch('/res/401/');
    client.send({ cmd: 'disconnect' });
    await client.closed();
  }

  /** As many as the 100 KB hold that Node takes. */
  const rows: readonly [string, KeyKind, number, 'namesakes' | 'chain'][] = [
    ['RSA 16384', rsa(16_384, Buffer.alloc(8, 0xff)), 22, 'namesakes'],
    ['RSA 16384', rsa(16_384, Buffer.alloc(8, 0xff)), 22, 'chain'],
    ['DSA with 10,000 bits', dsa(), 23, 'namesakes'],
    ['P-521', ec('P-521', 64), 90, 'namesakes'],
  ];
  attacks(
    'A handshake, and registrations',
    rows.map(([name, kind, count, how]) => {
      const tls = shown(kind, 'forger', count, how);
      return { name: `${count} ${how}: ${name}`, honest: honestly, attack: () => refused(tls), times: 30 };
    }),
  );
});
