import { CertificateAuthority, findPath } from '../../src/certificates/index.js';
import { buildCertificate, generateKeys } from '../../src/certificates/certificate-builder.js';
import { VirtualClock } from '../../src/clock/index.js';
import { X509Certificate, type webcrypto } from 'node:crypto';
import { attacks } from './attack-table.js';

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
]);
